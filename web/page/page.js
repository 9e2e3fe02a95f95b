/**
 * The page: it turns what the visitor does into a caption and a style, has them drawn, and shows what comes of it. All drawing is the
 * painter's (../emblem.js); each part of the page has a file of its own beside this one.
 *
 * For programs, `window.emblem` has the API and a promise of the page's own painter, `<html data-state>` is one of loading, ready,
 * drawing and error, and `<canvas id="picture">` holds the model's pixels, with the caption and the style that they were drawn for.
 */
// First, so that it hears of what goes wrong in the others.
import { started } from "./alarm.js";
import { forgetModel, isShipped, linkTo, readAddress, shippedModel, signature, writeAddress } from "./address.js";
import { hush, sayAloud, sayAloudSoon } from "./aloud.js";
import { Board } from "./board.js";
import { takeFiles } from "./drop.js";
import { Easel } from "./easel.js";
import { EmblemError, Painter } from "../emblem.js";
import { AlbumShelf, fileOf, saveAs, sheetOf, svgOf } from "./keep.js";
import { fetchManifest } from "./manifest.js";
import { Motto } from "./motto.js";
import { hideFault, remark, showFault } from "./notes.js";
import { Opening } from "./opening.js";
import { Pad } from "./pad.js";
import { PLACES } from "./places.js";
import { leftOver, ReadingChips } from "./reading.js";
import { PictureSet } from "./set.js";
import { Hands, Looks, Mottoes } from "./shelf.js";
import { fetchSheet } from "./sheet.js";
import { Studio } from "./studio.js";
import { handOf, isBlended, isWandered, nameSeeds, plain, properName, seedOf, styleName } from "./style.js";
import { onLanguage, say, startSpeaking } from "./text.js";
import { Thumbs } from "./thumbs.js";
import { openWorkshop, showWorkshop } from "./workshop.js";
import { workOffline } from "./offline.js";

/** What is drawn for a visitor who has said nothing yet: of the sheet, so that it is there at once. */
const FIRST = { caption: "a house", seed: "8645" };
/** The other pictures wait until the visitor's hand rests; and so, for longer, do complaints about a caption that is still being written. */
const [REST_MS, PATIENCE_MS] = [150, 400];

/** What can be done with a picture that is drawn. */
const KEEPING = ["save", "save-svg", "copy", "copy-picture"];

const root = document.documentElement;
const $ = (id) => document.getElementById(id);
const address = readAddress();

/** The picture that is shown, with what it takes to keep it. @type {import("./keep.js").Kept | null} */
let shown = null;
/** @type {Error | null} */
let fault = null;
/** A refusal that is told once the painter that stays has drawn. @type {Error | null} */
let refusal = null;
/** What the picture is of, where there is one. @type {{caption: string, style: import("./style.js").Style} | null} */
let described = null;

// ---- loading -------------------------------------------------------------------------------------------------------

async function load({ source, device }, signal) {
  if (!source) throw new EmblemError("option.model", "The address names a model on another site", "use a model of this site, or load it with the JavaScript API");
  const manifest = isShipped(source) ? manifestComing : undefined;
  return Painter.load(source, { device, signal, manifest, onProgress: showProgress });
}

function start() {
  root.dataset.state = "loading";
  root.toggleAttribute("data-ready-made", described !== null);
  refusal = null;
  hideFault();
  easel.use(null);
  pictures.use(null);
  $("save-board").disabled = true;
  showWorkshop(null);
  window.emblem = { Painter, EmblemError, ready: opening.start() };
}

function showProgress({ stage, loaded, total, cached, silent }) {
  const bar = $("progress");
  if (total) [bar.max, bar.value] = [total, loaded];
  else bar.removeAttribute("value");
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const key = silent ? "stage.silent" : { start: "stage.start", check: "stage.check" }[stage] ?? (cached ? "stage.cached" : total ? "stage.download" : "stage.download.open");
  // How far a download is, nobody wants to hear all the time.
  sayAloud(say(key.startsWith("stage.download") ? "stage.begin" : key));
  $("stage").textContent = say(key, { loaded: megabytes(loaded ?? 0), total: megabytes(total ?? 0) });
}

/** Draws with what is open. @param {import("./opening.js").Open} open */
function use({ painter, source, device }) {
  easel.use(painter);
  pictures.use(painter);
  $("device").value = device;
  $("save-board").disabled = false;
  showWorkshop(painter, !isShipped(source));
}

function begin(open) {
  const { painter, source } = open;
  use(open);
  thumbs.use(painter);
  layOut(painter.info.examples, handsOf(painter));
  looks.fill(painter.info.looks);
  // Of a link, anyone may have written it.
  if (studio.style.look && looks.known) painter.blendLooks(studio.style.look, "plain", 0).catch(() => refuseLook());
  if (address.by && source instanceof URL && address.by !== signature(painter.model.sha256)) remark(say("link.other-model"));
  draw();
}

/**
 * The hands that a model learnt, and names for those of them that are seeds.
 * @typedef {{learnt: import("./style.js").Hand[], names: Map<string, string>}} Given
 */

let laidOut = "";

/** Lays the shelves and the board, unless they lie so already. @param {string[]} captions @param {Given} given */
function layOut(captions, { learnt, names }) {
  const wanted = JSON.stringify([captions, learnt, [...names]]);
  if (wanted === laidOut) return;
  laidOut = wanted;
  nameSeeds(names);
  hands.fill(learnt);
  mottoes.fill(captions);
  board.fill(captions, hands.all);
}

function refuseLook() {
  remark(say("link.look"));
  studio.dress(null);
}

/** @returns {Given} */
function handsOf({ info, model }) {
  if (model.sha256 ? model.sha256 === sheet.model : info.examples.join() === sheet.captions.join()) return handsOfSheet();
  // As the engine has them, so that what is drawn in one is known for it.
  const learnt = info.styles.map(({ name, code }) => ({ code: code.map(Math.fround), name: properName(name), learnt: true }));
  return { learnt: learnt.length > 0 ? learnt : handsOfSheet().learnt, names: new Map() };
}

/** @returns {Given} */
function handsOfSheet() {
  const names = sheet.styles.slice(0, sheet.names.length).map((seed, i) => [seed, properName(sheet.names[i])]);
  return { learnt: sheet.styles.map((seed) => ({ seed })), names: new Map(names) };
}

/** What was to be opened cannot be: what was open before goes on. */
function refuse(error, present) {
  if (!present) return complain(error);
  use(present);
  window.emblem.ready = Promise.resolve(present.painter);
  refusal = error;
  draw();
}

// ---- drawing -------------------------------------------------------------------------------------------------------

let rest;
/** What the corner says of the picture, in the present language. */
let status = () => "";

/** Draws what the page now says. @param {{walk?: boolean}} [how] */
function draw(how) {
  clearTimeout(rest);
  hush();
  album.lookAway();
  if (!easel.painter) return showReadyMade();
  root.dataset.state = "drawing";
  return easel.draw(motto.text, studio.style, how);
}

/** As long as there is no model, what was drawn beforehand; where nothing was, bare paper. */
function showReadyMade() {
  const [caption, { style }] = [motto.text, studio];
  const picture = isBlended(style) || isWandered(style) ? null : thumbs.known(caption, style.home);
  root.toggleAttribute("data-ready-made", picture !== null);
  easel.put(picture);
  describe(picture && { caption, style });
  status = () => (picture ? say("status.ready-made") : "");
  showStatus();
  for (const id of KEEPING) $(id).disabled = true;
  chips.show("", null);
  if (picture) performance.mark("ready-made");
  showOthers();
}

function settle(picture, style) {
  const { caption, understoodWords, unknownWords, reading } = picture;
  const { sha256 } = easel.painter.model;
  const layers = easel.painter.info.layers > 0;
  shown = { picture, style, sha256, layers };
  $("save-svg").hidden = $("places").hidden = !layers;
  fault = null;
  hideFault();
  root.removeAttribute("data-ready-made");
  describe({ caption, style });
  status = () => drawnWords(picture);
  showStatus();
  // The chips say it better.
  motto.tell(reading ? [] : understoodWords, reading ? [] : unknownWords);
  chips.show(caption, reading);
  for (const id of KEEPING) $(id).disabled = false;
  writeAddress(linked());
  album.look(shown);
  if (root.dataset.device !== easel.painter.device) showWorkshop(easel.painter, !isShipped(opening.present.source));
  root.dataset.state = "ready";
  rest = setTimeout(showOthers, REST_MS);
  sayAloudSoon(() => inWordsOf(picture, style));
  tellRefusal();
}

/** What is drawn, and how its motto was read. */
function inWordsOf({ caption, understoodWords, unknownWords, reading }, style) {
  const read = understoodWords.map(({ word, readAs }) => say("understood", { word, known: readAs.join(" ") }));
  const unread = reading ? [leftOver(reading)] : unknownWords.map(({ word }) => say("unknown", { word }));
  return [say("aloud", { caption, style: styleName(style) }), ...read, ...unread].join(" ");
}

/** What a link to the shown picture says. */
function linked() {
  const { picture, style, sha256 } = shown;
  return { caption: picture.caption, seed: seedOf(style), code: picture.style, look: handOf(picture, style).look ?? null, by: signature(sha256) };
}

/** Says what the picture is of. @param {typeof described} what null where there is none */
function describe(what) {
  described = what;
  const [canvas, name] = [$("picture"), what ? styleName(what.style) : ""];
  if (what) [canvas.dataset.caption, canvas.dataset.style] = [what.caption, seedOf(what.style) ?? "own"];
  else for (const key of ["caption", "style"]) delete canvas.dataset[key];
  canvas.setAttribute("aria-label", what ? say("picture.label", { caption: what.caption, style: name }) : say("picture.none"));
  $("imprint").textContent = name;
  document.title = what ? `${what.caption} · Emblem` : "Emblem";
}

const showStatus = () => ($("status").textContent = status());

function drawnWords({ device: drawer, ms, truncated }) {
  const time = ms < 10 ? ms.toFixed(1) : Math.round(ms);
  return say(truncated ? "status.truncated" : "status.drawn", { device: say(`device.name.${drawer}`), ms: time });
}

/** Tells what went wrong; of a caption only once the writing rests. */
function fail(error) {
  clearTimeout(rest);
  motto.tell([], error.unknownWords ?? []);
  chips.show("", null);
  if (/^caption/.test(error.code)) rest = setTimeout(() => complain(error), PATIENCE_MS);
  else complain(error);
}

function complain(error) {
  fault = error;
  root.dataset.state = "error";
  showFault(error, isOfTheModel(error));
  if (!easel.painter) $("device-summary").textContent = say("device.none");
}

/** Whether another model is to blame, so that the shipped one may do better. */
const isOfTheModel = ({ code }) => /^(model|self-test|option\.model)/.test(code) && ![opening.wanted, opening.present].some((one) => isShipped(one?.source));

/** @returns {boolean} whether there was anything to tell */
function tellRefusal() {
  const error = refusal;
  refusal = null;
  if (error) complain(error);
  return error !== null;
}

/** Everything that shows more of the same: other hands, other mottoes, the map, the board. */
function showOthers() {
  const [caption, { style }] = [motto.text, studio];
  const seed = seedOf(style);
  // A style of no seed has a code only once it is drawn.
  const hand = seed !== null ? style.home : shown?.style === style ? handOf(shown.picture, style, null) : null;
  thumbs.look = looks.known ? style.look : null;
  hands.show(caption, hand);
  if (hand) mottoes.show(caption, hand);
  if (hand) looks.show(caption, hand, style.look);
  if (easel.painter) pad.show(caption, easel.compass, style).catch(fail);
  board.show(caption);
  pictures.show(hand && thumbs.look ? { ...hand, look: thumbs.look } : hand);
  thumbs.resume();
}

// ---- what the visitor does -----------------------------------------------------------------------------------------

/** Goes on from a caption in a hand's style. */
function take(caption, hand) {
  motto.text = caption;
  studio.take(hand);
}

async function lend(file) {
  try {
    const painter = await window.emblem.ready;
    studio.lend(file, await painter.styleOf(file));
  } catch (error) {
    fail(error);
    showNotes();
  }
}

/** Who drops something may be looking at another part of the page. */
const showNotes = () => $("notes").scrollIntoView({ block: "nearest" });

function reopen({ caption, seed, code, look, model }) {
  take(caption, seed === null ? { code, name: null, look } : { seed, look });
  sayReopened(model);
}

/** The board as it was saved: its first motto becomes the visitor's, its columns the hands. */
function reopenBoard({ captions: [first, ...rest], hands: columns, model }) {
  hands.open(columns);
  board.open(rest, columns);
  take(first, columns[0]);
  $("board").scrollIntoView();
  sayReopened(model);
}

function reopenSet({ captions, hand, own, model }) {
  studio.take(hand);
  pictures.open({ captions, own });
  sayReopened(model);
}

function sayReopened(model) {
  remark(say(model && shown?.sha256 && model !== shown.sha256 ? "link.other-model" : "reopened"));
}

/** Has another model draw, or another device. @param {Partial<import("./opening.js").Choice>} change */
function choose(change) {
  opening.choose(change);
  if (change.source) forgetModel();
  start();
}

/** Does something that the browser may refuse, and says what came of it. */
async function attempt(work, done, refused) {
  try {
    await work();
    remark(say(done));
  } catch (error) {
    if (refused) remark(say(refused));
    else fail(error);
  }
}

// ---- the parts -----------------------------------------------------------------------------------------------------

const sheetComing = fetchSheet();
const manifestComing = fetchManifest();
const opening = new Opening({ source: address.model, device: address.device }, load, sheetComing, { opened: begin, refused: refuse });
const easel = new Easel($("picture"), $("glass"), {
  settled: settle,
  failed(error) {
    if (!tellRefusal()) fail(error);
    thumbs.resume();
  },
});
const thumbs = new Thumbs(() => !easel.busy);
const motto = new Motto({ box: $("caption"), marks: $("marks"), offers: $("words") }, draw);
const chips = new ReadingChips($("reading"), (caption) => easel.painter.read(caption), (caption) => motto.write(caption));
const pad = new Pad($("pad"), thumbs, (at) => studio.wander(at));
const studio = new Studio(plain(address.code ? { code: address.code, name: null } : { seed: address.seed?.trim() || FIRST.seed }, address.look), pad, draw);
const mottoes = new Mottoes($("mottoes"), thumbs, (caption) => motto.write(caption));
const board = new Board($("board").querySelector("table"), thumbs, take);
const hands = new Hands($("hands"), thumbs, {
  take: (hand) => studio.take(hand),
  changed() {
    board.hands = hands.all;
    showOthers();
  },
});
const looks = new Looks($("looks"), thumbs, (look) => studio.dress(look));
const pictures = new PictureSet($("set"), { take, save: (zip, title) => saveAs(zip, title, "zip"), failed: fail });
const album = new AlbumShelf($("album"), ({ caption, hand }) => take(caption, hand));

$("retry").onclick = start;
for (const id of ["shipped", "shipped-instead"]) $(id).onclick = () => choose({ source: shippedModel() });
$("pin").onclick = () => {
  const { style } = studio;
  const seed = seedOf(style);
  if (seed === null && !shown) return;
  remark(say(hands.pin(handOf(shown?.picture, style, styleName(style)))));
};
$("save").onclick = () => attempt(async () => saveAs(await fileOf(shown), shown.picture.caption), "saved");
$("save-svg").onclick = () => attempt(async () => saveAs(await svgOf(shown), shown.picture.caption, "svg"), "saved");
for (const button of $("places").querySelectorAll("[data-place]")) {
  button.onclick = () => attempt(async () => {
    const { file, ending } = await PLACES[button.dataset.place]({ painter: easel.painter, picture: shown.picture });
    saveAs(file, shown.picture.caption, ending);
  }, "saved");
}
$("save-size").onclick = () => attempt(async () => saveAs(await shown.picture.toBlob("image/png", { size: $("png-size").valueAsNumber }), shown.picture.caption), "saved");
$("save-board").onclick = () => attempt(async () => saveAs(await sheetOf(easel.painter, board.contents, thumbs.look), "emblems"), "saved");
$("copy").onclick = () => attempt(() => navigator.clipboard.writeText(linkTo(linked()).href), "copied.link", "copy.refused");
$("copy-picture").onclick = () =>
  attempt(() => navigator.clipboard.write([new ClipboardItem({ "image/png": fileOf(shown) })]), "copied.picture", "copy.refused");
$("add-row").onclick = () => board.add(motto.text) || remark(say("board.full"));
takeFiles({
  coming(name, count) {
    remark(say(count > 1 ? "taken.first" : "taken", { name, count }));
    showNotes();
  },
  model: (source) => choose({ source }),
  saved: reopen,
  board: reopenBoard,
  set: reopenSet,
  lender: lend,
  words(text) {
    remark(say("taken.words"));
    showNotes();
    motto.write(text);
  },
  nothing(error) {
    complain(error);
    showNotes();
  },
});
openWorkshop(address.device, choose);
onLanguage(() => {
  for (const part of [motto, chips, studio, mottoes, hands, looks, pictures, board, album]) part.repeat();
  showWorkshop(easel.painter, !isShipped(opening.present?.source));
  if (fault) showFault(fault, isOfTheModel(fault));
  describe(described);
  showStatus();
  showOthers();
});

motto.text = address.caption ?? FIRST.caption;
startSpeaking();
// The model first: it is what takes long.
start();
const sheet = await sheetComing;
thumbs.sheet = sheet;
layOut(sheet.captions, handsOfSheet());
if (!easel.painter) showReadyMade();
workOffline(window.emblem.ready).catch((error) => console.warn("the page will need a network:", error.message));
started();
