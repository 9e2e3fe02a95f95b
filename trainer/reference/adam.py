"""Reference values for trainer/src/train/adam.rs, from PyTorch (Debian's python3-torch, 1.13): /usr/bin/python3 trainer/reference/adam.py"""

import torch

weights = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
adam = torch.optim.Adam([weights], lr=0.1, betas=(0.5, 0.99), eps=1e-8)
for gradient in [[0.3, -1.0, 0.0], [0.1, 2.0, 1e-4], [-0.2, 0.5, -1e-3]]:
    weights.grad = torch.tensor(gradient)
    adam.step()
print(weights.tolist())
