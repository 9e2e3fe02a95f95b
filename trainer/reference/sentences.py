#!/usr/bin/env python3
"""Reference values for trainer/src/lab/word_vectors/encoder/tests.rs, by PyTorch (tried with 1.13, Debian's python3-torch).

Written from the papers' formulas, not from the Rust code. The weights are a sine of their place, so both sides can make them.
Run: python3 trainer/reference/sentences.py
"""
import torch
import torch.nn.functional as F

PIECES, PLACES, WIDTH, INNER, HEADS, LAYERS = 7, 5, 4, 6, 2, 2
SENTENCES = [[1, 4, 2], [1, 3, 5, 6, 2], [1, 2, 6]]


def shapes():
    embeddings = {"word": PIECES, "position": PLACES, "token_type": 2}
    for name, rows in embeddings.items():
        yield f"embeddings.{name}_embeddings.weight", (rows, WIDTH)
    yield from norm("embeddings.LayerNorm")
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            yield from linear(f"{at}.attention.{part}", WIDTH, WIDTH)
        yield from norm(f"{at}.attention.output.LayerNorm")
        yield from linear(f"{at}.intermediate.dense", WIDTH, INNER)
        yield from linear(f"{at}.output.dense", INNER, WIDTH)
        yield from norm(f"{at}.output.LayerNorm")


def linear(name, inputs, outputs):
    yield f"{name}.weight", (outputs, inputs)
    yield f"{name}.bias", (outputs,)


def norm(name):
    yield f"{name}.weight", (WIDTH,)
    yield f"{name}.bias", (WIDTH,)


def weights():
    made = {}
    for number, (name, shape) in enumerate(shapes()):
        count = torch.Size(shape).numel()
        made[name] = torch.sin(torch.arange(count) * 1.7 + number * 0.9).reshape(shape)
    return made


def vector(w, pieces):
    dense = lambda x, name: F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])
    normed = lambda x, name: F.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w[f"{name}.bias"], 1e-12)
    x = w["embeddings.word_embeddings.weight"][pieces] + w["embeddings.position_embeddings.weight"][: len(pieces)]
    x = normed(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    heads = lambda y: y.view(len(pieces), HEADS, -1).transpose(0, 1)
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        query, key, value = (heads(dense(x, f"{at}.attention.self.{part}")) for part in ("query", "key", "value"))
        looks = torch.softmax(query @ key.transpose(1, 2) / (WIDTH // HEADS) ** 0.5, dim=-1)
        seen = (looks @ value).transpose(0, 1).reshape(len(pieces), WIDTH)
        x = normed(x + dense(seen, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
        inner = F.gelu(dense(x, f"{at}.intermediate.dense"))
        x = normed(x + dense(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
    return F.normalize(x.mean(0), dim=0)


for sentence in SENTENCES:
    print(sentence, [round(value, 5) for value in vector(weights(), sentence).tolist()])
