/**
 * The service worker: after one visit the page works without a network. With one, everything is asked for anew, so that nobody sees
 * yesterday's page; what arrives is kept, and what does not is taken from what was kept. A visit is of one piece: if the page itself
 * came from what was kept, so does all that belongs to it. Models are kept by the library, which checks their hash, and pass by.
 */

const KEPT = "emblem-page";
/** All that the page is made of; a test compares it with what is built. */
const PAGE = [
  "./",
  "icon.svg",
  "fonts/eb-garamond.woff2",
  "fonts/eb-garamond-italic.woff2",
  "models/sheet.json",
  "models/sheet.jpg",
  "page/address.js",
  "page/album.js",
  "page/aloud.js",
  "page/base.css",
  "page/board.js",
  "page/drop.js",
  "page/easel.js",
  "page/en.js",
  "page/enlarge.js",
  "page/glass.js",
  "page/keep.js",
  "page/leaf.css",
  "page/leaf.js",
  "page/motto.js",
  "page/notes.js",
  "page/opening.js",
  "page/pad.js",
  "page/page.js",
  "page/png.js",
  "page/sheet.js",
  "page/shelf.js",
  "page/studio.js",
  "page/style.js",
  "page/text.js",
  "page/thumbs.js",
  "page/tools.css",
  "page/workshop.js",
  "page/zh.js",
  "detect.js",
  "download.js",
  "emblem.js",
  "errors.js",
  "lend.js",
  "link.js",
  "live.js",
  "patience.js",
  "store.js",
  "style.js",
  "worker.js",
  "web.js",
  "web_bg.wasm",
];
/** Written when the page is built for shipping; while developing there is none, and then models are not kept. */
const MANIFEST = "models/manifest.json";
/** A network that has not answered after this long is no network, where something is kept. */
const PATIENCE_MS = 4000;
/** Visits that are without a network. @type {Set<string>} */
const without = new Set();

self.oninstall = (event) => event.waitUntil(keepThePage());

async function keepThePage() {
  const kept = await caches.open(KEPT);
  await Promise.all([kept.addAll(PAGE), kept.add(MANIFEST).catch(() => {})]);
  await self.skipWaiting();
}

self.onactivate = (event) => event.waitUntil(self.clients.claim());

self.onfetch = (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = request.method === "GET" && url.origin === self.location.origin && url.href.startsWith(self.registration.scope);
  // Other pages of the site, and what is written about the model, are nothing of Emblem's.
  const foreign = request.mode === "navigate" && !isThePage(url);
  if (ours && !foreign && !url.pathname.endsWith(".safetensors")) event.respondWith(answer(event, url));
};

function isThePage({ pathname }) {
  const scope = new URL(self.registration.scope).pathname;
  return pathname === scope || pathname === `${scope}index.html`;
}

async function answer(event, url) {
  const { request, clientId, resultingClientId } = event;
  const kept = await caches.open(KEPT);
  // The address carries the picture, which is the page's business: it is the same page.
  const isPage = request.mode === "navigate";
  const key = isPage ? self.registration.scope : url.href;
  const old = await kept.match(key);
  if (!isPage && without.has(clientId)) {
    // A worker of such a visit is part of it.
    if (resultingClientId) without.add(resultingClientId);
    return old ?? Response.error();
  }
  let late = false;
  const fromNetwork = async () => {
    const response = await fetch(request);
    if (!response.ok || late) return response;
    const keeping = kept.put(key, response.clone()).catch(() => {});
    // The page itself counts as come when all of it has; of what belongs to it, whoever asked can watch it come.
    if (isPage) await keeping;
    else event.waitUntil(keeping);
    return response;
  };
  try {
    return await (old ? Promise.race([fromNetwork(), silence()]) : fromNetwork());
  } catch {
    late = true;
    const visit = isPage ? resultingClientId : clientId;
    if (visit) without.add(visit);
    return old ?? Response.error();
  }
}

const silence = () => new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));
