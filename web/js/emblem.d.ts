/**
 * Emblem: a caption in, a picture out, drawn on this machine. The caption says what is drawn, the style says how.
 *
 * Importing does nothing: no request, no worker, no global. All work happens in a worker that belongs to its `Painter`. Whatever
 * fails rejects with an `EmblemError`, which says in `code` what it is and in `advice` what to do. What a listener throws is reported
 * as the browser reports it of event listeners, and the work goes on.
 */

/** What draws. */
export type Device = "webgpu" | "cpu";

/** A whole number from 0 to 2^53 - 1, or any text: `"ada"` is a style. Text that is such a number means that number. */
export type Seed = number | string;

/** The style itself: as many finite numbers as `ModelInfo.styleSize`. Found in `Picture.style`; plain data, to be kept and shared. */
export type StyleCode = ArrayLike<number>;

/** The style between two others, along the great circle: `t` = 0 is `from`, `t` = 1 is `to`. */
export interface Blend {
  from: Seed | StyleCode;
  to: Seed | StyleCode;
  /** From 0 to 1. */
  t: number;
}

/** A style in any of its forms; a picture lends its own. Any text is a seed: a look's name belongs into `look`. */
export type Style = Seed | StyleCode | Blend | LendingPicture;

/** A picture that lends its style. It is fitted on white at the model's size and never leaves the machine. */
export type LendingPicture = Blob | ImageData | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | ImageBitmap;

/** What this browser can draw on, found out without starting anything. */
export interface Capabilities {
  /** What `"auto"` will try first. */
  device: Device;
  /**
   * Whether there is WebGPU, or why not: an address without https, a browser without it, no graphics adapter offered, an adapter
   * that cannot be used here, or one that the processor imitates (SwiftShader, llvmpipe, WARP), which draws several times slower
   * than `"cpu"` does: `"auto"` leaves it alone, `"webgpu"` uses it.
   */
  webgpu: "ok" | "insecure" | "no-api" | "no-adapter" | "no-timestamps" | "software";
  /** How to get WebGPU on a graphics card in this very browser, as a sentence; null where it is there. */
  advice: string | null;
}

export function detect(): Promise<Capabilities>;

export type Progress = {
  /** How far the whole load is, from 0 to 1. While the size of what comes is unknown it stands. */
  progress: number;
} & (
  | {
      stage: "download";
      /** Bytes so far. */
      loaded: number;
      /** Bytes in all, from the manifest beside the model; undefined where neither that nor the server says. */
      total?: number;
      /** Whether the bytes come from this browser's cache. */
      cached: boolean;
      /** Present when nothing has come for some seconds. After 30 such seconds loading fails with `model.stalled`. */
      silent?: true;
    }
  | {
      /** Starting the device; then drawing a golden picture of the model on it, which compiles and warms everything. */
      stage: "start" | "check";
      /** Present when nothing has come of the engine for some seconds. After 30 such seconds loading fails with `engine.stalled`. */
      silent?: true;
    }
);

/** What the `manifest.json` beside a model says of each model there. */
export interface ManifestEntry {
  /** The file's name. */
  file: string;
  bytes: number;
  /** In hexadecimal. */
  sha256: string;
}

export interface LoadOptions {
  /** `"auto"` (the default) takes WebGPU where a graphics card is behind it and it draws correctly, else the CPU. `"wasm"` is `"cpu"`. */
  device?: "auto" | Device | "wasm";
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
  /** Whether a model of known hash is kept for the next visit, and read from there. True by default; only for addresses. */
  cache?: boolean;
  /** `"sha256-…"` in base64, as in a script's `integrity`. By default the manifest beside the model (`manifest.json`) says it, where there is one. */
  integrity?: string;
  /** What that manifest says, where it is known already: nothing is asked for beside the model then. */
  manifest?: ManifestEntry[] | Promise<ManifestEntry[] | undefined>;
}

/** What the model file says of itself. */
export interface ModelInfo {
  name: string;
  /** SPDX expression of the weights' licence. */
  licence: string;
  /** Who drew what it was trained on. */
  credits: string;
  /** How it was trained: preset, steps, batch, minutes, seed. */
  training: Record<string, string>;
  /** How it came to be, the earliest stage first; empty in older files. */
  lineage: { name: string; beganWith: string | null; settings: Record<string, string>; steps: number; pictures: number; minutes: number; devices: string[] }[];
  /** Captions that it draws well. */
  examples: string[];
  /** The hands that it learnt from, where it knows them apart, each with the style code of its pictures as they are. */
  styles: { name: string; code: number[] }[];
  /** Side of its pictures in pixels. */
  imageSize: number;
  /** Length of its style codes. */
  styleSize: number;
  /** Layers of its pictures, which then have any size, alpha and an SVG; 0 where it draws pixels. */
  layers: number;
  /** Names of looks that its pictures can have; none of a model that draws pixels. */
  looks: string[];
  /** The numbers that a look is made of. */
  lookNumbers: { name: string; from: number; to: number; neutral: number; effect: string }[];
}

/** One of the two; without either a random seed is drawn and reported in the picture. */
export interface StyleOptions {
  style?: Style | null;
  /** The short form where it is a seed. */
  styleSeed?: Seed | null;
}

/** Of models that draw layers (`ModelInfo.layers`); others reject with `model.pixels`. */
export interface Rendering {
  /** Width and height in pixels, 16 to 4096; `ModelInfo.imageSize` if absent. */
  size?: number;
  /** `"none"` leaves the picture transparent; a colour such as `"#ffffff"` lays it on paper. If absent, what the caption says ("at night"), else the look's, which is none of most. */
  background?: string;
}

/**
 * How a picture is finished: a name of `ModelInfo.looks` such as `"sticker"`, numbers of `ModelInfo.lookNumbers` such as
 * `"outline=0.5,tone=-1"`, or both, `"sticker,slant=0.5"`; or what lies between two looks, `t` from 0 to 1.
 */
export type Look = string | { from: Look; to: Look; t: number };

export interface PaintOptions extends StyleOptions, Rendering {
  /** If absent, the look that comes with the seed, or with a blend of seeds; `"plain"` of any other style. Of models that draw layers. */
  look?: Look;
  signal?: AbortSignal;
}

export interface UnderstoodWord {
  /** A word, or all words of the caption. */
  word: string;
  /** The words that are read in its place: those that the model knows and that mean nearly the same. */
  readAs: string[];
  /** Other captions that it might have been read as, the likest first. */
  others: string[];
}

export interface UnknownWord {
  word: string;
  /** The nearest words that the model knows. */
  nearest: string[];
}

/** One of thirteen colours, perhaps lighter or darker: `"blue"`, `"light blue"`. */
export type Colour = `${"" | "light " | "dark "}${"black" | "white" | "grey" | "red" | "orange" | "yellow" | "green" | "blue" | "purple" | "pink" | "brown" | "gold" | "silver"}`;

/** One kind of thing that a caption names, as often as `count` says. */
export interface Thing {
  /** What was typed. */
  text: string;
  /** The part of `text` that the name was found by, without count, colour and size. */
  noun: string;
  /** The name of the model that it is read as; null where no name fits, and then it should not be drawn. */
  name: string | null;
  /**
   * How the name was found: it was called so, usually is meant by what was typed, has that as a keyword, or means nearly the same;
   * `"chosen"` is for programs that let people choose of `others`; `"unknown"` is no name.
   */
  how: "name" | "usual" | "keyword" | "likeness" | "chosen" | "unknown";
  /** 1 to 12. */
  count: number;
  /** Whether the caption says the count, if only by naming one; says "some"; or asks for more than 12. */
  counting: "stated" | "chosen" | "capped";
  /** The colour that it is to have instead of its own; a colour that is part of its name is none. */
  colour: Colour | null;
  /** The second of two colours. */
  accent: Colour | null;
  size: "tiny" | "small" | "big" | "huge" | null;
  /** Other names that it might have been, the likest first. */
  others: string[];
}

/** The thing at place `of` is `kind` the thing at place `to`. What is between two things is in two relations. */
export interface Relation {
  kind:
    | "left-of"
    | "right-of"
    | "above"
    | "below"
    | "on"
    | "in-front-of"
    | "behind"
    | "next-to"
    | "between"
    | "in"
    | "holding"
    | "wearing"
    | "riding"
    | "eating";
  of: number;
  to: number;
}

/** What a caption shows. */
export interface Scene {
  /** At most 24. */
  things: Thing[];
  relations: Relation[];
  background:
    | { colour: Colour }
    | { place: "night" | "sunset" | "snow" | "rain" | "sea" | "beach" | "space" | "forest" | "desert" | "city" }
    | null;
  /** Words that nothing was made of. */
  unread: string[];
  /** What the caption says is not there. */
  leftOut: string[];
  /** What was drawn and cannot be seen, as it was typed: of a picture's reading only. */
  unseen: string[];
  /** Whether the caption had more than is read. */
  truncated: boolean;
}

export interface Picture {
  /** `size` pixels on each side, with straight alpha; of a model that draws pixels opaque. */
  imageData: ImageData;
  caption: string;
  /** The style code that was used. */
  style: number[];
  /** The seed that was used; null where the style was no seed's. */
  styleSeed: Seed | null;
  /** The look that was used, as `paint` takes it; null of a model that draws pixels. With `style` it draws the picture again. */
  look: string | null;
  device: Device;
  /** Drawing time in milliseconds. */
  ms: number;
  /** What of the caption the model was not taught and reads as something else. */
  understoodWords: UnderstoodWord[];
  /** Words of the caption that say nothing to the model. */
  unknownWords: UnknownWord[];
  /** Whether the caption was longer than the model reads. */
  truncated: boolean;
  /** The scene that was drawn, as `Painter.read` gives it; null where the caption was read as one name, as older models read all. */
  reading: Scene | null;
  /** The picture as a file, by default as it was painted: `"image/png"` (the default) or `"image/webp"`. */
  toBlob(type?: string, rendering?: Rendering): Promise<Blob>;
  /** The picture as an SVG document: paths and gradients, crisp at any size. Rejects with `model.pixels` where the model draws none. */
  svg(rendering?: Pick<Rendering, "background">): Promise<string>;
}

/** A picture of a set, or why there is none. */
export type Drawn = {
  /** Which of the captions, from 0. */
  index: number;
  caption: string;
} & ({ picture: Picture; error: null } | { picture: null; error: EmblemError });

export interface GridOptions {
  signal?: AbortSignal;
  /** Told of each picture as it is drawn, row by row. */
  onPicture?: (picture: Picture, row: number, column: number) => void;
}

export interface LiveOptions {
  /** Told of what could not be drawn; without it, errors go to `reportError`. */
  onError?: (error: EmblemError) => void;
}

/** What is wanted now. */
export interface Wish extends StyleOptions, Rendering {
  caption: string;
  look?: Look;
}

/** Drawing that follows its input: while one picture is drawn at most one other waits, and a newer wish takes its place. */
export interface Live {
  update(wish: Wish): void;
  /** Whether a wish is being drawn or waits; inside `onPicture`, whether the picture is overtaken already. */
  readonly busy: boolean;
  /** From now on nothing is drawn and nobody is told. */
  stop(): void;
}

/** A model on a device. As many as memory allows may live side by side. */
export class Painter {
  private constructor();

  /** @param source the model file's address, in a page relative to its `document.baseURI`; or the file */
  static load(source: string | URL | Blob | BufferSource, options?: LoadOptions): Promise<Painter>;

  /** Forgets the models that this browser keeps for the next visit, of all pages of this site. */
  static clearCache(): Promise<void>;

  /** The device that draws; changes from WebGPU to the CPU when `"auto"` falls back. */
  readonly device: Device;
  readonly info: ModelInfo;
  /** The model file's size and, in a secure context, its SHA-256 in hexadecimal: which model this is, for links and records. */
  readonly model: { readonly bytes: number; readonly sha256: string | null };
  /** Why `"auto"` did not take WebGPU, or left it; null where it draws. */
  readonly fallback: EmblemError | null;
  /** Why the model was not kept for the next visit although it should have been (no room, storage switched off); null otherwise. */
  readonly notKept: EmblemError | null;

  /** Draws one picture. Calls are served in their order. */
  paint(caption: string, options?: PaintOptions): Promise<Picture>;

  /** What a caption shows, in English or Chinese: its things, how they stand to each other, and what was not read. Draws nothing. */
  read(caption: string, options?: { signal?: AbortSignal }): Promise<Scene>;

  /** Starts drawing that follows its input; nothing is drawn before the first `update`. */
  live(onPicture: (picture: Picture) => void, options?: LiveOptions): Live;

  /**
   * Draws captions in one style, one after the other, each when it is asked for: `for await (const { picture } of painter.set(…))`. Without
   * a style all have the same random seed. A caption that cannot be drawn has its error, and the others come; anything else that fails
   * rejects. Leave the loop to stop.
   */
  set(captions: Iterable<string>, options?: PaintOptions): AsyncGenerator<Drawn, void, undefined>;

  /** Every caption in every style: rows are captions, columns are styles. */
  grid(captions: string[], styles: Style[], options?: GridOptions): Promise<Picture[][]>;

  /** The code that a style stands for: a seed's, a blend's, or that in which a picture is drawn. */
  styleOf(style: Style, options?: { signal?: AbortSignal }): Promise<number[]>;

  /** The look that comes with a seed, in numbers; null of a model that draws pixels. */
  lookOf(seed: Seed): Promise<string | null>;

  /** The look between two others, in numbers; null of a model that draws pixels. */
  blendLooks(from: Look, to: Look, t: number): Promise<string | null>;

  /** Stops the worker and frees all memory. Whatever is still being drawn rejects, as does every later call. */
  dispose(): void;
}

/** What failed, in two parts, `where.what`. */
export type ErrorCode =
  | "browser.refused"
  | "cache.full" | "cache.unavailable"
  | "caption.empty" | "caption.type" | "caption.unknown"
  | "device.failed" | "device.insecure" | "device.no-adapter" | "device.no-api" | "device.no-timestamps" | "device.not-finite" | "device.refused" | "device.software"
  | "engine.died" | "engine.missing" | "engine.stalled"
  | "look.form" | "look.length" | "look.not-finite" | "look.range" | "look.unknown"
  | "model.config" | "model.damaged" | "model.empty" | "model.golden" | "model.integrity" | "model.metadata" | "model.names" | "model.network" | "model.not-emblem" | "model.not-finite" | "model.not-found" | "model.not-safetensors" | "model.pixels" | "model.refused" | "model.stalled" | "model.synonyms" | "model.too-large" | "model.truncated" | "model.unreadable" | "model.version" | "model.vocabulary" | "model.web-page" | "model.weights"
  | "option.background" | "option.device" | "option.integrity" | "option.look" | "option.size" | "option.source" | "option.style" | "option.type"
  | "self-test.mismatch"
  | "style.blend" | "style.constant" | "style.length" | "style.not-finite" | "style.picture-size" | "style.seed" | "style.type" | "style.unreadable"
  | "aborted"
  | "disposed";

/** A failure with a stable code for programs, a message for people, and what to do about it. */
export class EmblemError extends Error {
  constructor(code: ErrorCode, message: string, advice: string);
  /** `"AbortError"` where the caller aborted, else `"EmblemError"`. */
  readonly name: string;
  readonly code: ErrorCode;
  readonly advice: string;
  /** Words of the caption that the model does not know. */
  readonly unknownWords: UnknownWord[];
}
