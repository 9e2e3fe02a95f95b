import { Painter } from "./emblem.js";
const painter = await Painter.load("models/emblem.safetensors");
const { imageData } = await painter.paint("a red apple", { styleSeed: 7 });
document.querySelector("canvas").getContext("2d").putImageData(imageData, 0, 0);
