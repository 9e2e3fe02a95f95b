/**
 * The service worker: after one visit the page works without a network, and every visit is of one piece.
 *
 * All that belongs to a build lies in a folder named by its digest (xtask/src/parts.rs), so what is kept under an address is right for
 * ever, and the page itself says which build a visit is of. With a network the page is asked for anew, so that nobody sees yesterday's.
 * Where it leads to a build that is not kept yet, all of that is fetched before the page is shown; if that takes too long, it goes on
 * on the side, and this visit is of the build that is kept. Models are kept by the library, which checks their hash, and pass by; so
 * does a page that leads to no such folder, as while developing.
 */

const KEPT = "emblem-build";
/** The engine for a graphics card is large and not for everyone: it is kept once a page says that it draws with it. */
const FOR_WEBGPU = ["webgpu.js", "webgpu_bg.wasm"];
/** What has not come after this long is not waited for, where something is kept. */
const PATIENCE_MS = 4000;
const SCOPE = self.registration.scope;

self.oninstall = (event) => event.waitUntil(install());

async function install() {
  await keepWhole(await fetch(SCOPE, { cache: "no-cache" }));
  await self.skipWaiting();
}

self.onactivate = (event) => event.waitUntil(self.clients.claim());

self.onfetch = (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(SCOPE)) return;
  if (request.mode === "navigate") {
    // Other pages of the site are nothing of Emblem's.
    if (isThePage(url)) event.respondWith(visit(event));
  } else if (buildIn(url.href)) {
    event.respondWith(part(request));
  }
};

/** The address carries the picture, which is the page's business: it is the same page. */
const isThePage = ({ origin, pathname }) => [SCOPE, `${SCOPE}index.html`].includes(origin + pathname);

/** The build that a part is of, by its address. @param {string} address @returns {string | undefined} */
const buildIn = (address) => /^build-[0-9a-f]{16}(?=\/)/.exec(address.slice(SCOPE.length))?.[0];

/** The build that a page leads to. @param {Response} page @returns {Promise<string | undefined>} */
const buildOf = async (page) => / src="(build-[0-9a-f]{16})\//.exec(await page.clone().text())?.[1];

/** The page as it is now or, where that does not come in time, as it is kept. @param {FetchEvent} event */
async function visit(event) {
  const coming = fetch(event.request, { cache: "no-cache" });
  const kept = await (await caches.open(KEPT)).match(SCOPE);
  if (!kept) return coming;
  const whole = coming.then(async (page) => {
    // A server that is out of order is no better than none.
    if (page.status >= 500) throw new Error(`the server answers ${page.status}`);
    await keepWhole(page.clone()).catch(unlessFull);
    return page;
  });
  event.waitUntil(whole.catch(() => {}));
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));
  return Promise.race([whole, late]).catch(() => kept);
}

/** Without room nothing is kept, and the network is there. */
function unlessFull(error) {
  if (error?.name !== "QuotaExceededError") throw error;
}

/** @param {Request} request */
async function part(request) {
  const kept = await caches.match(request.url, { cacheName: KEPT }).catch(() => undefined);
  return kept ?? fetch(request);
}

/** What is being kept, one after the other: two at once would fetch the same twice, and the older one could clear away the newer one's. */
let keeping = Promise.resolve();

/** @param {() => Promise<void>} work */
function inTurn(work) {
  const kept = keeping.then(work);
  keeping = kept.catch(() => {});
  return kept;
}

/** @param {Response} page */
const keepWhole = (page) => inTurn(() => keep(page));

/** A page names parts of its build that it needs and that are not kept for everyone. */
self.onmessage = (event) => event.waitUntil(inTurn(() => keepMore(event.data)));

/** @param {string[]} addresses */
async function keepMore(addresses) {
  const cache = await caches.open(KEPT);
  for (const address of addresses) {
    const build = address.startsWith(SCOPE) && buildIn(address);
    if (!build || (await cache.match(address))) continue;
    const parts = await listOf(await cache.match(addressOf(build, "parts.json")));
    const sha256 = parts.get(address.slice(addressOf(build, "").length));
    if (sha256) await cache.put(address, await fetched(address, sha256));
  }
}

/**
 * Keeps a page with all that it leads to. The page goes last: where it is kept, its build is whole. The build before stays as well, for
 * pages of it that are still open.
 * @param {Response} page
 */
async function keep(page) {
  const build = page.ok && (await buildOf(page));
  if (!build) return;
  const cache = await caches.open(KEPT);
  const present = await cache.match(SCOPE);
  const before = present && (await buildOf(present));
  if (build === before) return;
  const list = await fetched(addressOf(build, "parts.json"));
  const parts = await listOf(list.clone());
  const hadWebGpu = before && (await cache.match(addressOf(before, FOR_WEBGPU[0])));
  const old = await listOf(before && (await cache.match(addressOf(before, "parts.json"))));
  const wanted = [...parts].filter(([file]) => !FOR_WEBGPU.includes(file) || hadWebGpu);
  const keepPart = async ([file, sha256]) => {
    const address = addressOf(build, file);
    // From a visit that did not wait for all of it.
    if (await cache.match(address)) return;
    const same = old.get(file) === sha256 && (await cache.match(addressOf(before, file)));
    // An answer remembers where it came from, and a script's imports go by that: this one is to have no such memory.
    await cache.put(address, same ? new Response(same.body, same) : await fetched(address, sha256));
  };
  await Promise.all(wanted.map(keepPart));
  await cache.put(addressOf(build, "parts.json"), list);
  await cache.put(SCOPE, page);
  for (const { url } of await cache.keys()) {
    const other = url.startsWith(SCOPE) && buildIn(url);
    if (other && other !== build && other !== before) await cache.delete(url);
  }
}

const addressOf = (build, file) => `${SCOPE}${build}/${file}`;

/** @param {Response | undefined} list @returns {Promise<Map<string, string>>} the hash of each part by its name */
const listOf = async (list) => new Map(((await list?.json()) ?? []).map(({ file, sha256 }) => [file, sha256]));

/**
 * A file as it should be. A server may have another page in its place, and a browser may have kept that: so a second time is tried.
 * @param {string} address
 * @param {string} [sha256] in hexadecimal
 */
async function fetched(address, sha256) {
  for (const cache of ["default", "reload"]) {
    const response = await fetch(address, { cache });
    if (response.ok && (!sha256 || (await hashOf(response.clone())) === sha256)) return response;
  }
  throw new Error(`${address} is not what belongs to this page`);
}

async function hashOf(response) {
  const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
