import type { EmblemError, Picture } from "./emblem.js";

/**
 * `<emblem-picture>`: importing this module defines it. Its attributes:
 *
 * - `caption`: what is drawn
 * - `styleseed`: how, a number or any text; 0 if absent, so that a page looks the same each time
 * - `size`: width and height in the page's pixels, drawn at the screen's own; 128 if absent
 * - `look`, `background`: as in `PaintOptions`; of models that draw layers
 * - `alt`: what a screen reader says; the caption if absent
 * - `loading`: `"lazy"` (the default) draws it when it is about to be seen, `"eager"` at once
 * - `model`: the model's address; `EmblemPicture.model` if absent
 *
 * What stands inside is shown until the picture is there, and where it cannot be drawn; with nothing inside, the reason is. It fires `load`
 * when it has drawn and `error` when it cannot, with the `EmblemError` as `detail`. `::part(picture)` and `::part(error)` can be styled.
 */
export class EmblemPicture extends HTMLElement {
  /** The address of the model for elements that name none: at first the one of the package. */
  static model: string | URL;
  /** What is shown. */
  readonly picture: Picture | null;
  /** Why nothing is shown. */
  readonly error: EmblemError | null;
}

declare global {
  interface HTMLElementTagNameMap {
    "emblem-picture": EmblemPicture;
  }
}
