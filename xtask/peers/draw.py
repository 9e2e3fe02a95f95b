"""Draws with another runtime what Emblem draws: the same weights, captions and styles, for `cargo xtask bench`.

The network is written again here, from docs/method.md and the tensors' names, as whoever chose that runtime would write it. Its first
line of output says whether its pictures are the model file's golden ones; after that it draws as often as each line of input says and
answers with the milliseconds of every picture.

    draw.py onnxruntime|torch MODEL STYLES THREADS

    draw.py export MODEL STYLES FOLDER    writes model.onnx and inputs.json for a browser to draw with
"""
import json
import struct
import sys
import time

import numpy as np

START, LEAK = 8, 0.2


class Model:
    """A model file's weights, vocabulary and golden pictures."""

    def __init__(self, path):
        data = open(path, "rb").read()
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        metadata = header.pop("__metadata__")
        types = {"F16": np.float16, "F32": np.float32, "U8": np.uint8, "I8": np.int8}
        self.tensors = {}
        for name, entry in header.items():
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            tensor = np.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
            self.tensors[name] = tensor.astype(np.float32) if entry["dtype"] == "F16" else tensor
        # Large matrices are bytes, with a scale for each row.
        for name in [name for name in self.tensors if name.startswith("scales.")]:
            scales, name = self.tensors.pop(name), name[len("scales.") :]
            rows = self.tensors[name].astype(np.float32)
            self.tensors[name] = rows * scales.reshape(-1, *[1] * (rows.ndim - 1))
        self.config = json.loads(metadata["config"])
        self.words = {word: number + 1 for number, word in enumerate(metadata["vocabulary"].split("\n"))}
        self.golden = json.loads(metadata["golden"])

    def weight(self, name):
        return self.tensors[name + ".weight"]

    def bias(self, name):
        return self.tensors[name + ".bias"]


def sentence(model, caption):
    """The sentence embedding e, [1, sentence_size], by numpy: a few thousand multiplications, the same for every runtime."""
    words = [model.words[word] for word in caption.split() if word in model.words]
    embedded = model.weight("sentence.embedding")[words]
    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    halves = []
    for direction, order in (("forwards", embedded), ("backwards", embedded[::-1])):
        name = f"sentence.{direction}"
        size = model.weight(name + ".state").shape[0]
        state = np.zeros(size, np.float32)
        for word in order:
            reset, update, new = np.split(word @ model.weight(name + ".input") + model.bias(name + ".input"), 3)
            s_reset, s_update, s_new = np.split(state @ model.weight(name + ".state") + model.bias(name + ".state"), 3)
            update = sigmoid(update + s_update)
            state = update * state + (1 - update) * np.tanh(new + sigmoid(reset + s_reset) * s_new)
        halves.append(state)
    return np.concatenate(halves)[None].astype(np.float32)


def blocks(model):
    """For each residual block of the generator: its name and whether it doubles the map."""
    count = len({name.split(".")[2] for name in model.tensors if name.startswith("generator.blocks.")})
    return [(f"generator.blocks.{i}", i > 0) for i in range(count)]


class Onnx:
    def __init__(self, model, threads):
        import onnxruntime

        self.version = f"onnxruntime {onnxruntime.__version__}"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(graph(model), options, providers=["CPUExecutionProvider"])

    def draw(self, e, z):
        return self.session.run(None, {"e": e, "z": z})[0]


def graph(model):
    """T and G as an ONNX model's bytes."""
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants, count = [], [], [0]

    def fresh():
        count[0] += 1
        return f"v{count[0]}"

    def constant(value):
        name = fresh()
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(kind, *inputs, **attributes):
        name = fresh()
        nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    linear = lambda x, name: node("Gemm", x, constant(model.weight(name)), constant(model.bias(name)))
    leaky = lambda x: node("LeakyRelu", x, alpha=LEAK)

    def conv(x, name):
        side = model.weight(name).shape[-1]
        return node("Conv", x, constant(model.weight(name)), constant(model.bias(name)), pads=[side // 2] * 4)

    def affine(x, name):
        # "1 + scale" is added to the bias here, once.
        channels = model.bias(name).shape[0] // 2
        bias = model.bias(name) + np.concatenate([np.ones(channels), np.zeros(channels)]).astype(np.float32)
        both = node("Gemm", condition, constant(model.weight(name)), constant(bias))
        both = node("Reshape", both, constant(np.array([1, 2 * channels, 1, 1])))
        name_scale, name_shift = fresh(), fresh()
        nodes.append(helper.make_node("Split", [both, constant(np.array([channels, channels]))], [name_scale, name_shift], axis=1))
        return node("Add", node("Mul", x, name_scale), name_shift)

    scales = constant(np.array([1, 1, 2, 2], np.float32))
    grow = lambda x: node("Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    condition = node("Concat", linear("e", "text.layer"), "z", axis=1)
    for i in range(2):
        condition = leaky(linear(condition, f"generator.mapping.{i}"))
    x = node("Reshape", linear(condition, "generator.start"), constant(np.array([1, -1, START, START])))
    for name, grows in blocks(model):
        shortcut = conv(x, name + ".shortcut") if name + ".shortcut.weight" in model.tensors else x
        x = conv(leaky(affine(x, name + ".first_affine.layer")), name + ".first")
        x = conv(leaky(affine(grow(x) if grows else x, name + ".second_affine.layer")), name + ".second")
        x = node("Add", x, grow(shortcut) if grows else shortcut)
    unfold = lambda x, times: node("DepthToSpace", x, blocksize=times, mode="CRD")
    features = leaky(x)
    x = unfold(conv(features, "generator.output"), model.config["tile"])
    if model.config.get("detail_channels"):
        finer = unfold(conv(features, "generator.detail.finer"), 2)
        detail = conv(leaky(affine(finer, "generator.detail.affine.layer")), "generator.detail.output")
        x = node("Add", x, unfold(detail, model.config["tile"] // 2))
    if model.config["mixes_ink"]:
        ink = node("Reshape", linear(condition, "generator.ink"), constant(np.array([1, 3, 1, 1])))
        x = node("Sub", node("Mul", x, node("Add", ink, constant(np.ones(1, np.float32)))), ink)
    nodes.append(helper.make_node("Identity", [x], ["picture"]))
    of = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    size = model.config["image_size"]
    inputs = [of("e", [1, model.config["sentence_size"]]), of("z", [1, model.config["style_size"]])]
    made = helper.make_graph(nodes, "emblem", inputs, [of("picture", [1, 3, size, size])], constants)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()


class Torch:
    def __init__(self, model, threads):
        import torch

        torch.set_num_threads(threads)
        self.torch, self.model = torch, model
        self.version = f"PyTorch {torch.__version__}"
        self.tensors = {name: torch.from_numpy(np.array(value)) for name, value in model.tensors.items()}
        # PyTorch's layers have their inputs last.
        self.linears = {name: value.T.contiguous() for name, value in self.tensors.items() if value.ndim == 2}

    def linear(self, x, name):
        return self.torch.nn.functional.linear(x, self.linears[name + ".weight"], self.tensors[name + ".bias"])

    def conv(self, x, name):
        return self.torch.nn.functional.conv2d(x, self.tensors[name + ".weight"], self.tensors[name + ".bias"], padding="same")

    def draw(self, e, z):
        torch, functional = self.torch, self.torch.nn.functional
        leaky = lambda x: functional.leaky_relu(x, LEAK)
        grow = lambda x: functional.interpolate(x, scale_factor=2)

        def affine(x, name):
            scale, shift = self.linear(condition, name)[:, :, None, None].chunk(2, 1)
            return x * (1 + scale) + shift

        with torch.inference_mode():
            condition = torch.cat([self.linear(torch.from_numpy(e), "text.layer"), torch.from_numpy(z)], 1)
            for i in range(2):
                condition = leaky(self.linear(condition, f"generator.mapping.{i}"))
            x = self.linear(condition, "generator.start").reshape(1, -1, START, START)
            for name, grows in blocks(self.model):
                shortcut = self.conv(x, name + ".shortcut") if name + ".shortcut.weight" in self.tensors else x
                x = self.conv(leaky(affine(x, name + ".first_affine.layer")), name + ".first")
                x = self.conv(leaky(affine(grow(x) if grows else x, name + ".second_affine.layer")), name + ".second")
                x = x + (grow(shortcut) if grows else shortcut)
            features = leaky(x)
            x = functional.pixel_shuffle(self.conv(features, "generator.output"), self.model.config["tile"])
            if self.model.config.get("detail_channels"):
                finer = functional.pixel_shuffle(self.conv(features, "generator.detail.finer"), 2)
                detail = self.conv(leaky(affine(finer, "generator.detail.affine.layer")), "generator.detail.output")
                x = x + functional.pixel_shuffle(detail, self.model.config["tile"] // 2)
            if self.model.config["mixes_ink"]:
                ink = self.linear(condition, "generator.ink")[:, :, None, None]
                x = x * (1 + ink) - ink
            return x.numpy()


def levels(picture):
    """[1, 3, size, size] from -1 to 1, to [size, size, 3] from 0 to 255."""
    return np.clip(np.round((picture[0].transpose(1, 2, 0) + 1) * 127.5), 0, 255).astype(np.uint8)


def export(model, styles, folder):
    """What a browser needs to draw the golden pictures, and what they look like."""
    inputs = []
    for index, (golden, z) in enumerate(zip(model.golden, styles)):
        e = sentence(model, golden["caption"])[0].tolist()
        rgb = model.tensors[f"golden.{index}"].flatten().tolist()
        inputs.append({"caption": golden["caption"], "e": e, "z": z[0].tolist(), "rgb": rgb})
    with open(f"{folder}/inputs.json", "w") as file:
        json.dump(inputs, file)
    with open(f"{folder}/model.onnx", "wb") as file:
        file.write(graph(model))


def main():
    runtime, path, inputs, last = sys.argv[1:]
    model = Model(path)
    styles = [np.array([z], np.float32) for z in json.load(open(inputs))]
    if runtime == "export":
        return export(model, styles, last)
    peer = {"onnxruntime": Onnx, "torch": Torch}[runtime](model, int(last))

    def paint(index):
        return levels(peer.draw(sentence(model, model.golden[index]["caption"]), styles[index]))

    off = [int(np.abs(paint(i).astype(int) - model.tensors[f"golden.{i}"].astype(int)).max()) for i in range(len(model.golden))]
    print(json.dumps({"version": peer.version, "off": max(off)}), flush=True)
    drawn = 0
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            begun = time.perf_counter()
            paint(drawn % len(model.golden))
            times.append(1000 * (time.perf_counter() - begun))
            drawn += 1
        print(json.dumps(times), flush=True)


main()
