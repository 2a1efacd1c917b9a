"""Dumps PyTorch's gradients of a stated number at every hook point of the tiny models.

    python make_tiny_gradients.py --models DIR [--only NAME,...]

Reads DIR/NAME as make_tiny_models.py wrote it. Writes DIR/NAME/gradients.{json,safetensors}: the gradient of
tiny/run.py's objective (outputs times the cosines of their places) for the second prompt of dump.json, of vision
models for an image of two patches; and, of the models in WEIGHTS, weight-gradients.safetensors: the gradient of the mean next-token cross-entropy over the
prompts of several tokens, under the checkpoint's names and in its layouts.

Gradients at what modules take and give are autograd's through the library's own pass. Those between modules
follow from the next of these by autograd through plain maths, and where that maths begins at a module's output,
its gradient there is held against the library's.
"""
import argparse
import os

import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy

from common import versions, write_json
from tiny.families import MODELS
from tiny.files import add
from tiny.images import random_pixels
from tiny.points import close

PROMPT = 1
WEIGHTS = ("gpt2", "llama", "deberta-v3")


def at_points(points):
    """Gradients by name of the point."""
    run = points.run
    surrogate = sum((found * gradient).sum() for found, gradient in points.pulls)
    check(run, points, surrogate)
    gradients = {}
    for name, value in points.items():
        gradients[name] = run.pulled.by_leaf.get(id(value))
        if gradients[name] is None and value.requires_grad:
            gradients[name] = torch.autograd.grad(surrogate, value, retain_graph=True, allow_unused=True)[0]
    for name, value in points.items():
        if name.endswith("hook_resid_mid"):  # a sum of which attention's output is one part
            gradients[name] = gradients[name.replace("resid_mid", "attn_out")]
        elif gradients[name] is None and name in ("hook_embed", "hook_pos_embed"):
            gradients[name] = gradients["blocks.0.hook_resid_pre"]
        elif gradients[name] is None:
            # Of a model whose outputs are hidden states.
            assert name == "pooler.hook_pooler_out" or name.startswith("ln_final."), name
            gradients[name] = torch.zeros_like(value)
    return gradients


def check(run, points, surrogate):
    """Stops unless the plain maths gives the library's gradient at the projections that it starts from."""
    for name in sorted(set(points.asked)):
        leaf = run.out(name)
        found = torch.autograd.grad(surrogate, leaf, retain_graph=True)[0]
        relative(found, run.pulled.out(name), name)


def relative(found, expected, what):
    size = float(expected.abs().max())
    close(found / size, expected / size, what)


def write(folder, tiny, model):
    prompt = tiny.prompts()[PROMPT]
    if tiny.kind == "vision":
        prompt = small(prompt)
    _, points = tiny.dump(model, prompt)
    inputs = {name: value for name, value in prompt.items() if isinstance(value, torch.Tensor)}
    tensors = dict(inputs)
    same = add(tensors, "", at_points(points))
    save_file(tensors, os.path.join(folder, "gradients.safetensors"))
    write_json(os.path.join(folder, "gradients.json"), {
        "schema": 1, "model": tiny.folder, "versions": versions(),
        "objective": "sum of outputs[i] * cos(i), i counting entries row by row",
        "value": float(points.run.value), "inputs": sorted(inputs), "same": same,
        **{name: value for name, value in prompt.items() if name not in inputs}})
    return len(points)


def small(prompt):
    """Random pixels of two patches."""
    patch = prompt["pixel_values"].shape[1] // prompt["grid"][0]
    return {**prompt, "pixel_values": random_pixels(patch, 2 * patch, 20240611), "grid": [1, 2]}


def write_weights(folder, tiny, model):
    model.zero_grad()
    losses = []
    for prompt in (prompt for prompt in tiny.prompts() if len(prompt["ids"]) > 1):
        ids = torch.tensor(prompt["ids"])
        logits = model(input_ids=ids[None], use_cache=False).logits[0]
        losses.append(cross_entropy(logits[:-1], ids[1:], reduction="none"))
    loss = torch.cat(losses).mean()
    loss.backward()
    stored = load_file(os.path.join(folder, "model.safetensors"))
    gradients = {name: weight.grad.clone() for name, weight in model.named_parameters() if name in stored}
    assert set(gradients) == set(stored), set(stored) ^ set(gradients)
    save_file(gradients, os.path.join(folder, "weight-gradients.safetensors"), {"loss": repr(loss.item())})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", required=True)
    parser.add_argument("--only", help="folders, with commas between them")
    options = parser.parse_args()
    torch.set_num_threads(1)
    wanted = options.only.split(",") if options.only else [tiny.folder for tiny in MODELS]
    for tiny in (tiny for tiny in MODELS if tiny.folder in wanted):
        folder = os.path.join(options.models, tiny.folder)
        model = tiny.load(folder, torch.float32).eval()
        count = write(folder, tiny, model)
        if tiny.folder in WEIGHTS:
            write_weights(folder, tiny, model)
        print(tiny.folder, count, "points", os.path.getsize(os.path.join(folder, "gradients.safetensors")), "bytes")


if __name__ == "__main__":
    main()
