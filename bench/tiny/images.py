"""The picture that every vision model is shown, and random pixels of other sizes."""
import os

import numpy as np
import torch

WIDTH, HEIGHT = 31, 23


def picture():
    """Waves and noise, so that every way to resize gives other pixels."""
    from PIL import Image

    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = np.stack([np.sin(rows / 3 + columns / 5), np.cos(rows / 2 - columns / 7), np.sin(columns / 2)], -1)
    noise = np.random.default_rng(20240601).normal(0, 25, waves.shape)
    return Image.fromarray(np.clip(128 + 80 * waves + noise, 0, 255).astype(np.uint8))


def write(folder):
    picture().save(os.path.join(folder, "image.png"))


def processed(processor, pillow=True, **sizes):
    """pixel_values [channel, row, column] by transformers' processor on Pillow, and its settings.

    Its processor on torchvision rounds differently when it resizes: up to two levels of 255 here.
    pillow: whether there is one on Pillow; else torchvision's counts.
    """
    import transformers

    if not pillow:
        settings = getattr(transformers, processor)(**sizes)
        return settings(picture(), return_tensors="pt")["pixel_values"][0], settings
    pixels = getattr(transformers, processor + "Pil")(**sizes)(picture(), return_tensors="pt")["pixel_values"][0]
    settings = getattr(transformers, processor)(**sizes)
    other = settings(picture(), return_tensors="pt")["pixel_values"][0]
    levels = (other - pixels).abs() * torch.tensor(settings.image_std)[:, None, None] * 255
    assert float(levels.max()) < 2.5, float(levels.max())
    return pixels, settings


def random_pixels(height, width, seed):
    return torch.randn(3, height, width, generator=torch.Generator().manual_seed(seed))
