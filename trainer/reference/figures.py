"""Reference values for the tests of `trainer/src/eval`: the papers' formulas in numpy and scipy.

    python3 trainer/reference/figures.py
"""

import numpy as np
from scipy.linalg import sqrtm


def points(rows, phase, scale):
    r, c = np.arange(rows)[:, None].astype(float), np.arange(5)[None, :].astype(float)
    wave = np.sin(1.7 * r + 2.3 * c + phase) + 0.5 * np.cos(0.37 * r * (c + 1.0) + phase)
    return scale * wave + 0.1 * phase * c


def fid(a, b):
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    return np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(ca + cb - 2 * sqrtm(ca @ cb).real)


def kid(a, b):
    k = lambda x, y: (x @ y.T / x.shape[1] + 1) ** 3
    off = lambda m: (m.sum() - np.trace(m)) / (len(m) * (len(m) - 1))
    return off(k(a, a)) + off(k(b, b)) - 2 * k(a, b).mean()


def pairwise(a, b):
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))


def prdc(real, fake, k):
    """As in the `prdc` package of Naeem et al."""
    radius = lambda x: np.sort(pairwise(x, x), axis=1)[:, k]
    d = pairwise(real, fake)
    precision = (d < radius(real)[:, None]).any(0).mean()
    recall = (d < radius(fake)[None]).any(1).mean()
    density = (d < radius(real)[:, None]).sum(0).mean() / k
    coverage = (d.min(1) < radius(real)).mean()
    return precision, recall, density, coverage


def two_way(cells):
    """Shares of the sum of squares over [captions, styles, features]: caption, style, residual (no replication)."""
    mean = cells.mean((0, 1))
    caption, style = cells.mean(1), cells.mean(0)
    total = ((cells - mean) ** 2).sum()
    of_caption = cells.shape[1] * ((caption - mean) ** 2).sum() / total
    of_style = cells.shape[0] * ((style - mean) ** 2).sum() / total
    rest = ((cells - caption[:, None] - style[None] + mean) ** 2).sum() / total
    return of_caption, of_style, rest


m = np.array([[4, 1, 0.5], [1, 3, -0.25], [0.5, -0.25, 2]])
print("eigenvalues", np.linalg.eigvalsh(m).tolist())
print("root", sqrtm(m).real.ravel().tolist())
a, b = points(40, 0.0, 1.0), points(30, 0.8, 1.3)
print("fid", repr(fid(a, b)))
print("kid", repr(kid(a, b)))
print("prdc", prdc(a, b, 5))
print("two-way", two_way(points(12, 0.3, 1.0).reshape(4, 3, 5)))
print("correlation", np.corrcoef([1, 2, 4, 3], [2, 1, 5, 5])[0, 1])
print("mean and deviation of 1, 2, 4", np.mean([1, 2, 4]), np.std([1, 2, 4], ddof=1))
