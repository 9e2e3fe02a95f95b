#!/usr/bin/env python3
"""Reference values for trainer/src/train/losses/tests.rs, by PyTorch (tried with 1.13, Debian's python3-torch).

Written from the formulas in docs/method.md, not from the Rust code. Run: python3 trainer/reference/losses.py
"""
import torch
import torch.nn.functional as F

CAPTION = [[0.5, -1.0, 2.0, 0.1], [1.5, 0.3, -0.7, 0.9]]
POSITIVE = [[0.4, -0.2, 1.1, 0.3], [0.2, 0.8, -0.1, -0.5]]
NEGATIVE = [[-0.6, 0.7, 0.2, 0.1], [0.9, 0.1, -1.2, 0.4]]
REAL = [[0.3], [-1.7]]
FAKE = [[0.8], [-0.4]]
DRAWN = [[[[0.5, -0.25], [1.0, 0.0]]]]
TRUE = [[[[0.0, -0.5], [0.25, 1.0]]]]
MARGIN, SHARPNESS = 0.5, 10.0


def leaf(values):
    return torch.tensor(values, requires_grad=True)


def rho(a, b):
    return torch.stack([torch.corrcoef(torch.stack([x, y]))[0, 1] for x, y in zip(a, b)])


def show(name, loss, **leaves):
    print(f"{name}: {loss.item():.6f}")
    loss.backward()
    for key, value in leaves.items():
        numbers = ", ".join(f"{v:.6f}" for v in value.grad.flatten().tolist())
        print(f"  d/d{key}: [{numbers}]")


c, p, n = leaf(CAPTION), leaf(POSITIVE), leaf(NEGATIVE)
show("content", F.relu(MARGIN - rho(c, p) + rho(c, n)).mean(), caption=c, positive=p, negative=n)
z, s = leaf(CAPTION), leaf(POSITIVE)
show("style", (1 - rho(z, s)).mean(), noise=z, style=s)
d, t = leaf(DRAWN), leaf(TRUE)
show("swap", F.l1_loss(d, t) + F.mse_loss(d, t), drawn=d)
d = leaf(DRAWN)
show("edge", F.l1_loss(d.diff(dim=-1), t.diff(dim=-1)) + F.l1_loss(d.diff(dim=-2), t.diff(dim=-2)), drawn=d)

ones, zeros = torch.ones(2, 1), torch.zeros(2, 1)
for name, d_loss, g_loss in [
    ("hinge", lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(), lambda f: -f.mean()),
    ("cross-entropy",
     lambda r, f: F.binary_cross_entropy_with_logits(r, ones) + F.binary_cross_entropy_with_logits(f, zeros),
     lambda f: F.binary_cross_entropy_with_logits(f, ones)),
]:
    r, f = leaf(REAL), leaf(FAKE)
    show(f"{name} D", d_loss(r, f), real=r, fake=f)
    f = leaf(FAKE)
    show(f"{name} G", g_loss(f), fake=f)

a, b = leaf(CAPTION), leaf(POSITIVE)
logits = SHARPNESS * F.normalize(a) @ F.normalize(b).T
target = torch.arange(2)
show("matching", (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2, sentence=a, picture=b)

# Two codes and the centres of two sets; the first code is of the second set.
codes, centres = leaf(CAPTION), leaf(POSITIVE)
unit = lambda x: F.normalize(x - x.mean(1, keepdim=True))
logits = 5.0 * unit(codes) @ unit(centres).T
show("set", F.cross_entropy(logits, torch.tensor([1, 0])), code=codes, centres=centres)
