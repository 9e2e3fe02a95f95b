"""Takes with PyTorch the steps of training that Emblem takes, and loads the pictures that it loads, for `cargo xtask bench`.

Emblem's side has written a file of weights, inputs, losses and gradients, or of pictures. The first line of output says how far what is
made here is from it; after that each line of input is a number of turns, answered with their milliseconds.

    train.py step FILE THREADS
    train.py step FILE cuda-f32 | cuda-tf32 | cuda-bf16
    train.py load FILE FOLDER BATCH
"""
import json
import math
import os
import struct
import sys
import time

import numpy as np
import torch
from torch.nn import functional

START, LEAK = 8, 0.2
TYPES = {"F32": np.float32, "U8": np.uint8}


def read(path):
    """A safetensors file's metadata and tensors."""
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata, tensors = header.pop("__metadata__", {}), {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = torch.from_numpy(np.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"]).copy())
    return metadata, tensors


leaky = lambda x: functional.leaky_relu(x, LEAK)


class Learner:
    """G and E, by the names of Emblem's weights."""

    def __init__(self, tensors, settings, device="cpu", precision="f32"):
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
        self.device, self.precision = device, precision
        there = lambda t: t.to(device, memory_format=torch.channels_last) if t.ndim == 4 and device != "cpu" else t.to(device)
        tensors = {name: there(tensor) for name, tensor in tensors.items()}
        under = lambda prefix: {n[len(prefix) :]: t for n, t in tensors.items() if n.startswith(prefix)}
        self.settings, self.inputs = settings, under("input.")
        self.weights = {name: tensor.requires_grad_() for name, tensor in under("weight.").items()}
        self.expected = tensors["losses"], under("gradient.")
        self.adam = torch.optim.Adam(self.weights.values(), lr=settings["rate"], betas=(settings["beta1"], 0.99), eps=1e-8)

    def linear(self, x, name):
        return x @ self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def conv(self, x, name, stride=1, centred=False, bounded=False):
        weight = self.weights[name + ".weight"]
        filters = weight.flatten(1)
        if centred:
            filters = filters - filters.mean(1, keepdim=True)
            filters = filters / (filters.square().sum(1, keepdim=True) + 1e-8).sqrt() * math.sqrt(2 / (1 + LEAK * LEAK))
        if bounded:
            fixed = filters.detach()
            unit = lambda v: v / (v.square().sum(0, keepdim=True).sqrt() + 1e-12)
            right = unit(fixed.T @ (1 / torch.arange(1.0, len(fixed) + 1, device=self.device))[:, None])
            left = unit(fixed @ right)
            for _ in range(4):
                right = unit(fixed.T @ left)
                left = unit(fixed @ right)
            filters = filters / (left.T @ filters @ right)
        padding = (weight.shape[-1] - 1) // 2
        return functional.conv2d(x, filters.reshape(weight.shape), self.weights[name + ".bias"], stride, padding)

    def blocks(self, prefix):
        count = len({name[len(prefix) + 1 :].split(".")[0] for name in self.weights if name.startswith(prefix + ".")})
        return [f"{prefix}.{i}" for i in range(count)]

    def draw(self, sentence, z):
        def affine(x, name):
            scale, shift = self.linear(condition, name)[:, :, None, None].chunk(2, 1)
            return x * (1 + scale) + shift

        g = "side.generator."
        condition = torch.cat([self.linear(sentence, "side.text.layer"), z], 1)
        for name in self.blocks(g + "mapping"):
            condition = leaky(self.linear(condition, name))
        x = self.linear(condition, g + "start").reshape(len(z), -1, START, START)
        for i, name in enumerate(self.blocks(g + "blocks")):
            grow = (lambda x: functional.interpolate(x, scale_factor=2)) if i else (lambda x: x)
            shortcut = self.conv(x, name + ".shortcut") if name + ".shortcut.weight" in self.weights else x
            x = self.conv(leaky(affine(x, name + ".first_affine.layer")), name + ".first")
            x = self.conv(leaky(affine(grow(x), name + ".second_affine.layer")), name + ".second")
            x = x + grow(shortcut)
        features = leaky(x)
        x = functional.pixel_shuffle(self.conv(features, g + "output"), self.settings["tile"])
        if g + "detail.output.weight" in self.weights:
            finer = functional.pixel_shuffle(self.conv(features, g + "detail.finer"), 2)
            detail = self.conv(leaky(affine(finer, g + "detail.affine.layer")), g + "detail.output")
            x = x + functional.pixel_shuffle(detail, self.settings["tile"] // 2)
        if g + "ink.weight" not in self.weights:
            return x
        ink = self.linear(condition, g + "ink")[:, :, None, None]
        return x * (1 + ink) - ink

    def style(self, picture):
        both = dict(centred=self.settings["constrained"], bounded=self.settings["constrained"])
        trunk = "encoder.trunk."
        for _ in range(round(math.log2(self.settings["tile"] / 4))):
            picture = functional.avg_pool2d(picture, 2)
        x = self.conv(picture, trunk + "pixels", 2, bounded=both["bounded"])
        x = self.conv(leaky(x), trunk + "stem", 2, **both)
        for name in self.blocks(trunk + "blocks"):
            shortcut = self.conv(functional.avg_pool2d(x, 2), name + ".shortcut", **both)
            x = functional.avg_pool2d(self.conv(leaky(x), name + ".first", **both), 2)
            x = self.conv(leaky(x), name + ".second", **both) + shortcut
        return self.conv(leaky(x), "encoder.style", **both).mean((2, 3))

    def losses(self):
        def standard(x):
            x = x - x.mean(1, keepdim=True)
            return x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt()

        def pearson(a, b):
            a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
            length = lambda x: (x.square().sum(1, keepdim=True) + 1e-8).sqrt()
            return (a * b).sum(1, keepdim=True) / (length(a) * length(b))

        inputs, held = self.inputs, self.settings["held"]
        codes, batch = inputs["codes"], len(inputs["real"])
        drawn = self.draw(inputs["sentence"], codes)
        read = self.style(torch.cat([inputs["real"], drawn.detach() * held + drawn * (1 - held)]))
        logits = standard(read[:batch]) @ standard(inputs["centres"]).T * (self.settings["sharpness"] / codes.shape[1])
        of_set = -(logits.log_softmax(1) * inputs["sets"]).sum(1).mean()
        style = (1 - pearson(codes.repeat(2, 1), read)).mean()
        difference = drawn - inputs["real"]
        edge = difference.diff(dim=2).abs().mean() + difference.diff(dim=3).abs().mean()
        return [difference.abs().mean() + difference.square().mean(), edge, of_set, style]

    def backward(self):
        with torch.autocast(self.device, torch.bfloat16, enabled=self.precision == "bf16"):
            losses = self.losses()
        self.adam.zero_grad()
        sum(loss * weight for loss, weight in zip(losses, self.settings["lambda"])).backward()
        return losses

    def off(self):
        """How far losses and each gradient are from Emblem's at most: the length of the difference, as a share of the whole's."""
        found, (losses, gradients) = torch.stack(self.backward()).detach(), self.expected
        relative = lambda a, b: float((a - b).norm() / b.norm().clamp(min=1e-6))
        mine = {name: weight.grad for name, weight in self.weights.items() if weight.grad is not None}
        if mine.keys() != gradients.keys():
            return math.inf
        return max([relative(found, losses)] + [relative(mine[name], gradients[name]) for name in gradients])

    def step(self):
        losses = self.backward()
        self.adam.step()
        return losses[0].item()


class Folder(torch.utils.data.Dataset):
    """A folder of pictures as torchvision's datasets and transforms have it: PIL, then a tensor from -1 to 1."""

    def __init__(self, folder):
        self.paths = sorted(entry.path for entry in os.scandir(folder) if entry.name.endswith(".png"))

    def __len__(self):
        return len(self.paths)

    def levels(self, path):
        from PIL import Image

        with Image.open(path) as picture:
            return np.array(picture.convert("RGB"))

    def __getitem__(self, index):
        levels = torch.from_numpy(self.levels(self.paths[index])).permute(2, 0, 1).contiguous()
        return levels.float().div(255).sub(0.5).div(0.5)


class Loader:
    def __init__(self, path, folder, batch):
        self.folder = Folder(folder)
        self.loader = torch.utils.data.DataLoader(self.folder, batch_size=batch, shuffle=True, num_workers=0, drop_last=True)
        self.shown, self.batches = read(path)[1], iter(self.loader)

    def off(self):
        """How far Emblem's pictures are from these, in levels of 255."""
        by_caption = {}
        for path in self.folder.paths:
            with open(path[:-4] + ".txt") as file:
                by_caption[file.read()] = path
        of = lambda caption, theirs: np.abs(self.folder.levels(by_caption[caption]).astype(int) - theirs.numpy().astype(int)).max()
        return float(max(of(caption, theirs) for caption, theirs in self.shown.items()))

    def step(self):
        try:
            next(self.batches)
        except StopIteration:
            self.batches = iter(self.loader)
            next(self.batches)


def main():
    what, path, *more = sys.argv[1:]
    if what == "step":
        device, _, precision = more[0].partition("-")
        if not precision:
            torch.set_num_threads(int(device))
            device, precision = "cpu", "f32"
        metadata, tensors = read(path)
        contestant = Learner(tensors, json.loads(metadata["settings"]), device, precision)
    else:
        torch.set_num_threads(1)
        contestant = Loader(path, more[0], int(more[1]))
    print(json.dumps({"version": f"PyTorch {torch.__version__}", "off": contestant.off()}), flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            begun = time.perf_counter()
            contestant.step()
            times.append(1000 * (time.perf_counter() - begun))
        print(json.dumps(times), flush=True)


main()
