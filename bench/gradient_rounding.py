"""Prints how far PyTorch's float32 gradients of the tiny models are from its float64 ones.

    python gradient_rounding.py --models DIR

Reads DIR/NAME as make_tiny_models.py wrote it. Errors are relative to a point's largest gradient; at a norm's
denominator to the largest sum of magnitudes that a gradient is the remainder of, as in engine's GradientsTest,
whose bound rests on the largest number printed here. Models that the library runs in one precision only are named.
Set ATEN_CPU_CAPABILITY, ONEDNN_MAX_CPU_ISA or OMP_NUM_THREADS to see other machines' rounding.
"""
import argparse
import os

import torch

from make_tiny_gradients import at_points, small
from tiny.families import MODELS

PROMPT = 1


def gradients(tiny, folder, dtype):
    """Gradients and activations by point, in float64 once computed."""
    model = tiny.load(folder, dtype).eval()
    prompt = tiny.prompts()[PROMPT]
    if tiny.kind == "vision":
        prompt = small(prompt)
    prompt = {name: value.to(dtype) if isinstance(value, torch.Tensor) and value.is_floating_point() else value
              for name, value in prompt.items()}
    _, points = tiny.dump(model, prompt)
    values = {name: value.detach().double() for name, value in points.items()}
    return {name: value.detach().double() for name, value in at_points(points).items()}, values


def size(name, truth, values):
    found = truth[name].abs().max().item()
    if name.endswith("hook_scale"):
        normalized = name.replace("hook_scale", "hook_normalized")
        sums = (truth[normalized] * values[normalized]).abs().sum(-1, keepdim=True) / values[name]
        found = max(found, sums.max().item())
    return found


def errors(tiny, folder):
    found, _ = gradients(tiny, folder, torch.float32)
    truth, values = gradients(tiny, folder, torch.float64)
    sizes = {name: size(name, truth, values) for name in truth}
    return {name: (found[name] - truth[name]).abs().max().item() / sizes[name] for name in truth if sizes[name]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", required=True)
    options = parser.parse_args()
    all_errors = {}
    for tiny in MODELS:
        try:
            of_model = errors(tiny, os.path.join(options.models, tiny.folder))
        except (AttributeError, RuntimeError) as error:
            print(f"{tiny.folder}: not in float64 ({error})")
            continue
        worst = max(of_model, key=of_model.get)
        print(f"{tiny.folder}: {of_model[worst]:.2g} at {worst}")
        all_errors[tiny.folder] = of_model[worst]
    print(f"largest of {len(all_errors)} models: {max(all_errors.values()):.2g}")


if __name__ == "__main__":
    main()
