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


def yarn(plain, rope, config):
    """YaRN's rotation: fast pairs kept, slow ones slowed by factor, a blend between; all of it louder by 0.1 ln factor."""
    dims, context, factor = 2 * len(plain), rope["original_max_position_embeddings"], rope["factor"]

    def pair(turns):
        return dims * math.log(context / (turns * 2 * math.pi)) / (2 * math.log(rope["rope_theta"]))

    low, high = max(math.floor(pair(32)), 0), min(math.ceil(pair(1)), dims - 1)
    share = ((torch.arange(len(plain)) - low) / (high - low if high > low else 0.001)).clamp(0, 1)
    return Rotary(plain / factor * share + plain * (1 - share), amplitude=0.1 * math.log(factor) + 1)


def by_patches(x, grid, prefix, theta):
    """[pos, head, d_head] as DINOv3 turns it: halves against each other, by the row and the column of a patch's centre,
    each from -1 to 1, times a full turn; what stands before the patches does not turn."""
    (down, across), pairs = grid, x.shape[-1] // 2
    turns = theta ** -(torch.arange(pairs // 2) / (pairs // 2)) * 2 * math.pi
    centres = [((torch.arange(count) + 0.5) / count * 2 - 1) for count in grid]
    rows, columns = centres[0].repeat_interleave(across), centres[1].repeat(down)
    angle = torch.cat([rows[:, None] * turns, columns[:, None] * turns], -1)[:, None]
    still, (first, second) = x[:prefix], x[prefix:].chunk(2, -1)
    turned = torch.cat([first * angle.cos() - second * angle.sin(), second * angle.cos() + first * angle.sin()], -1)
    return torch.cat([still, turned])


@dataclass
class Rotary:
    """frequencies of the rotated pairs; neighbours: whether a pair is (2i, 2i + 1) or (i, i + half).

    amplitude: what the turned pairs are multiplied by.
    """
    frequencies: torch.Tensor
    neighbours: bool = False
    amplitude: float = 1.0

    def rotate(self, x):
        """[pos, head, d_head]; what is beyond the rotated part passes."""
        dims = 2 * len(self.frequencies)
        turned, rest = x[..., :dims], x[..., dims:]
        angle = torch.arange(x.shape[0])[:, None, None] * self.frequencies
        cos, sin = angle.cos() * self.amplitude, angle.sin() * self.amplitude
        if self.neighbours:
            first, second = turned[..., 0::2], turned[..., 1::2]
            turned = torch.stack([first * cos - second * sin, second * cos + first * sin], -1).flatten(-2)
        else:
            first, second = turned.chunk(2, -1)
            turned = torch.cat([first * cos - second * sin, second * cos + first * sin], -1)
        return torch.cat([turned, rest], -1)
