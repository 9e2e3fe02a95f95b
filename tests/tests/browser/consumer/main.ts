import { Painter } from "emblem-painter";
import { integrity, url } from "emblem-painter/model";

const painter = await Painter.load(url, { integrity });
const { imageData } = await painter.paint("a red apple", { styleSeed: 7 });
document.querySelector("canvas")?.getContext("2d")?.putImageData(imageData, 0, 0);
