/** Preparing a visitor's picture for the image encoder: on white, whole, at the model's size, as the trainer prepared its pictures. */
import { EmblemError } from "./errors.js";

/**
 * @param {import("./emblem.js").LendingPicture} picture
 * @param {number} size side of the model's pictures in pixels
 * @returns {Promise<ImageData>} `size` x `size`, opaque
 */
export async function fitted(picture, size) {
  try {
    const bitmap = await createImageBitmap(picture);
    const context = new OffscreenCanvas(size, size).getContext("2d", { willReadFrequently: true });
    context.fillStyle = "white";
    context.fillRect(0, 0, size, size);
    context.imageSmoothingQuality = "high";
    const scale = size / Math.max(bitmap.width, bitmap.height);
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    context.drawImage(bitmap, (size - width) / 2, (size - height) / 2, width, height);
    bitmap.close();
    return context.getImageData(0, 0, size, size);
  } catch (error) {
    throw new EmblemError("style.unreadable", `The picture that should lend its style cannot be read (${error.message})`, "use a PNG, JPEG, WebP or GIF picture");
  }
}
