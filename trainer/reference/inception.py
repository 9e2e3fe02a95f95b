"""Reference values for the test of `trainer/src/eval/inception.rs`: pytorch-fid's own network (PyPI pytorch-fid 0.3.0, with torch and
torchvision) with weights of a formula, looking at two pictures of a formula.

    python3 trainer/reference/inception.py            the numbers
    python3 trainer/reference/inception.py FOLDER     and small files to try the reader with
"""
import sys

import numpy as np
import torch
import torchvision
from pytorch_fid import inception


def noise(name, count):
    """Numbers from -1 to 1 that only integers decide, so that every program makes the same ones."""
    seed = 0
    for byte in name.encode():
        seed = (31 * seed + byte) % 2**32
    x = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed)
    x ^= x >> np.uint32(15)
    x *= np.uint32(2246822519)
    x ^= x >> np.uint32(13)
    return (x >> np.uint32(8)).astype(np.float32) / np.float32(2**23) - np.float32(1)


def values(name, shape):
    value = noise(name, int(np.prod(shape))).reshape(shape)
    if name.endswith("conv.weight"):
        return value * np.float32((6 / np.prod(shape[1:])) ** 0.5)
    if name.endswith(("bn.weight", "running_var")):
        return 1 + value / 2
    return value / 4


def filled(network, _):
    """In place of loading the file: its tensors' names and shapes, with the formula's values."""
    state = {name: torch.from_numpy(np.asarray(values(name, tuple(tensor.shape)))) for name, tensor in network.state_dict().items() if tensor.ndim}
    return torch.nn.Module.load_state_dict(network, state, strict=False)


inception.load_state_dict_from_url = lambda *_, **__: None
torchvision.models.Inception3.load_state_dict = filled
network = inception.InceptionV3().eval()
pictures = ((np.arange(2 * 64 * 64 * 3) * 2654435761 % 2**32) >> 24).reshape(2, 64, 64, 3)
pictures[1] = np.arange(64)[:, None, None] * 3 + np.arange(3) * 20
with torch.no_grad():
    features = network(torch.from_numpy(pictures.astype(np.float32) / 255).permute(0, 3, 1, 2))[0][:, :, 0, 0].numpy()
for row in features:
    print("first", row[:4].tolist(), "last", row[-4:].tolist(), "mean", float(row.mean()), "length", float(np.linalg.norm(row)))
if len(sys.argv) > 1:
    small = {"conv.weight": torch.from_numpy(noise("conv.weight", 6).reshape(2, 3)), "steps": torch.tensor(7)}
    torch.save(small, f"{sys.argv[1]}/small.pth")
    torch.save(small, f"{sys.argv[1]}/small-legacy.pth", _use_new_zipfile_serialization=False)
