"""Rotary positions by plain maths, apart from the libraries' code."""
import math
from dataclasses import dataclass

import torch


def frequencies(theta, dims):
    """One angle per position for each pair, [dims / 2]."""
    return 1.0 / theta ** (torch.arange(0, dims, 2).float() / dims)


def linear(plain, factor):
    """Positions squeezed by a factor."""
    return plain / factor


def llama3(plain, factor, low, high, context):
    """Llama 3.1's scaling: long waves slowed by factor, short ones kept, a blend in between.

    Waves longer than context / low are long, those shorter than context / high are short.
    """
    scaled = []
    for frequency in plain.tolist():
        turns = context * frequency / (2 * math.pi)
        share = min(1.0, max(0.0, (turns - low) / (high - low)))
        scaled.append(share * frequency + (1 - share) * frequency / factor)
    return torch.tensor(scaled)


@dataclass
class Rotary:
    """frequencies of the rotated pairs; neighbours: whether a pair is (2i, 2i + 1) or (i, i + half)."""
    frequencies: torch.Tensor
    neighbours: bool = False

    def rotate(self, x):
        """[pos, head, d_head]; what is beyond the rotated part passes."""
        dims = 2 * len(self.frequencies)
        turned, rest = x[..., :dims], x[..., dims:]
        angle = torch.arange(x.shape[0])[:, None, None] * self.frequencies
        cos, sin = angle.cos(), angle.sin()
        if self.neighbours:
            first, second = turned[..., 0::2], turned[..., 1::2]
            turned = torch.stack([first * cos - second * sin, second * cos + first * sin], -1).flatten(-2)
        else:
            first, second = turned.chunk(2, -1)
            turned = torch.cat([first * cos - second * sin, second * cos + first * sin], -1)
        return torch.cat([turned, rest], -1)
