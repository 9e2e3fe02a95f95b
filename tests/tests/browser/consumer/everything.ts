// Never run: every part of the API as a strict program uses it, and what the types must refuse.
import { type Blend, type Capabilities, detect, EmblemError, type Live, Painter, type Picture, type Progress, type Scene, type Thing } from "emblem-painter";
import { EmblemPicture } from "emblem-painter/element";

export async function everything(file: File, canvas: HTMLCanvasElement, signal: AbortSignal): Promise<string> {
  const { device, webgpu, advice }: Capabilities = await detect();
  const told: string[] = [device, webgpu, advice ?? "no advice is needed"];
  const onProgress = (progress: Progress): void => {
    told.push(`${Math.round(100 * progress.progress)} %`);
    if (progress.stage === "download") told.push(`${progress.loaded} of ${progress.total ?? "?"}, ${progress.cached}`);
    else if (progress.silent) told.push("nothing comes");
    // @ts-expect-error only a download has bytes
    else told.push(progress.loaded);
  };
  const painter: Painter = await Painter.load(new URL("model", location.href), { device: "auto", onProgress, signal, cache: false, manifest: [] });
  const others = [file, new ArrayBuffer(8), new Uint8Array(8), "models/model.safetensors"].map((source) => Painter.load(source));
  for (const other of await Promise.all(others)) other.dispose();

  const picture: Picture = await painter.paint("a cat", { styleSeed: "ada", signal });
  for (const { word, readAs, others } of picture.understoodWords) told.push(word, ...readAs, ...others);
  const scene: Scene = await painter.read("two dogs left of a blue car", { signal });
  const things: string[] = scene.things.map(({ name, how, count, colour }: Thing) => `${count} ${colour ?? ""} ${name ?? how}`);
  // @ts-expect-error mauve is no colour of a thing
  if (scene.things[0].colour === "mauve") told.push(...things, ...scene.unread, ...scene.leftOut);
  for (const { kind, of, to } of scene.relations) told.push(`${of} ${kind} ${to}`);
  if (scene.background && "place" in scene.background) told.push(scene.background.place);
  await painter.paint("a cat", { style: new Float32Array(painter.info.styleSize) });
  await painter.paint("a cat", { style: canvas });
  await painter.paint("a cat", { style: "ada" });
  for await (const { index, caption, picture, error } of painter.set(["a cat", "a dog"], { style: file, signal })) {
    told.push(`${index} ${caption} ${picture?.ms ?? error?.advice}`);
    // @ts-expect-error one of the two is there
    if (!error) told.push(error.code);
  }
  await Painter.clearCache();
  const between: Blend = { from: "ada", to: picture.style, t: 0.5 };
  const live: Live = painter.live(({ imageData }) => told.push(`${imageData.width}`), { onError: ({ code }) => told.push(code) });
  live.update({ caption: "a cat", style: between });
  if (live.busy) live.stop();
  const rows: Picture[][] = await painter.grid(["a cat"], [1, "ada", picture.style, between], { signal, onPicture: (_, row, column) => void (row + column) });
  const codes: number[][] = [await painter.styleOf({ from: 1, to: "ada", t: 0.5 }), await painter.styleOf(7), await painter.styleOf(file, { signal })];
  const { bytes, sha256 } = painter.model;
  told.push(`${bytes} ${sha256 ?? ""} ${painter.fallback?.advice ?? ""} ${painter.notKept?.code ?? ""} ${rows.length + codes.length}`);
  try {
    // @ts-expect-error there is no such device
    await Painter.load("model", { device: "gpu" });
    // @ts-expect-error painters are loaded
    new Painter();
    // @ts-expect-error a painter's device is its own to change
    painter.device = "cpu";
  } catch (error) {
    if (error instanceof EmblemError) told.push(error.code === "model.truncated" ? "again" : error.code, error.advice, ...error.unknownWords.map(({ word, nearest }) => `${word}: ${nearest}`));
  }
  EmblemPicture.model = new URL("model", location.href);
  const element = document.querySelector("emblem-picture");
  told.push(element?.picture?.caption ?? element?.error?.advice ?? "");
  painter.dispose();
  return told.join("\n");
}
