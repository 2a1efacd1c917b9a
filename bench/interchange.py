"""The loss of interchange intervention training on the tiny GPT-2 and its gradients, by plain PyTorch in float64, for InterchangesTest.

    python bench/interchange.py --out engine/src/test/resources/analysis

A forward pass in which queries, keys and values of every head, MLPs, and what heads and MLPs write, can be those of another
sequence's pass, written out here and held against the library's logits. Base and source run in one graph, so that autograd goes
through both. Writes interchange.json: sequences, targets, interchanges and the three parts of the loss; and interchange.safetensors:
the gradient of their sum (1, 1 and 0.4) with respect to every parameter, under the checkpoint's names.
"""
import argparse
import json
import os
import pathlib
import random

import torch
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

from common import versions

TINY = pathlib.Path(__file__).parent.parent / "engine/src/test/resources/tiny"
STRICT = 0.4
SMOOTHING = 0.1
LENGTHS = (5, 7)
SOURCES = 2
# What each base takes from its source: [place, layer, head], where the head of an MLP is -1.
ALIGNED = [[["write", 0, 1]], [["q", 1, 2]], [["k", 0, 3]], [["v", 1, 0]], [["read", 0, -1]], [["write", 1, -1], ["write", 0, 2]]]
UNALIGNED = [[["write", 0, 0]], [["write", 0, -1]], [["write", 1, 3]], [["q", 0, 0], ["v", 0, 1]]]


def passes(model, ids, swaps):
    """Logits [sequence, position, token]; swaps: (place, layer, head) to pairs of base and source."""
    body, heads = model.transformer, model.config.n_head
    width = model.config.n_embd // heads
    hidden = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool).triu(1)

    def swapped(x, place, layer, head):
        pairs = dict(swaps.get((place, layer, head), ()))
        return torch.stack([x[pairs.get(i, i)] for i in range(len(x))])

    stream = body.wte(ids) + body.wpe(torch.arange(ids.shape[1]))
    for layer, block in enumerate(body.h):
        weights = block.attn.c_attn.weight.split(model.config.n_embd, 1)
        biases = block.attn.c_attn.bias.split(model.config.n_embd)
        mid = stream + block.attn.c_proj.bias
        for head in range(heads):
            own = slice(head * width, head * width + width)
            q, k, v = (
                block.ln_1(swapped(stream, place, layer, head)) @ weights[i][:, own] + biases[i][own] for i, place in enumerate("qkv"))
            pattern = (q @ k.transpose(1, 2) * width**-0.5).masked_fill(hidden, -torch.inf).softmax(-1)
            mid = mid + swapped(pattern @ v @ block.attn.c_proj.weight[own], "write", layer, head)
        read = swapped(mid, "read", layer, -1)
        stream = mid + swapped(block.mlp(block.ln_2(read)), "write", layer, -1)
    return model.lm_head(body.ln_f(stream))


def batches(rng, tokens):
    """For each length: sequences, of which the first are sources, targets and interchanges."""
    for length in LENGTHS:
        count = SOURCES + len(ALIGNED) + len(UNALIGNED)
        draw = lambda: [[rng.randrange(tokens) for _ in range(length)] for _ in range(count)]
        swaps = [[SOURCES + i, rng.randrange(SOURCES), ports] for i, ports in enumerate(ALIGNED + UNALIGNED)]
        yield {"ids": draw(), "targets": draw(), "interchanges": swaps}


def parts(model, batch):
    """Sums of smoothed cross-entropy over all positions: of the sources, the aligned and the other interchanges."""
    swaps = {}
    for base, source, ports in batch["interchanges"]:
        for port in ports:
            swaps.setdefault(tuple(port), []).append((base, source))
    logits = passes(model, torch.tensor(batch["ids"]), swaps)
    losses = cross_entropy(logits.transpose(1, 2), torch.tensor(batch["targets"]), reduction="none", label_smoothing=SMOOTHING).sum(1)
    return torch.stack([part.sum() for part in losses.split([SOURCES, len(ALIGNED), len(UNALIGNED)])])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    out = parser.parse_args().out
    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(TINY / "gpt2", dtype=torch.float64, attn_implementation="eager").eval()
    ids = torch.tensor([[3, 17, 42, 5]])
    assert (passes(model, ids, {}) - model(ids).logits).abs().max() < 1e-12
    drawn = list(batches(random.Random(11), model.config.vocab_size))
    sums = sum(parts(model, batch) for batch in drawn)
    rows = sum(LENGTHS)
    means = sums / (rows * torch.tensor([SOURCES, len(ALIGNED), len(UNALIGNED)]))
    (means @ torch.tensor([1, 1, STRICT], dtype=torch.float64)).backward()
    gradients = {name: weight.grad.float().contiguous() for name, weight in model.named_parameters()}
    save_file(gradients, os.path.join(out, "interchange.safetensors"))
    with open(os.path.join(out, "interchange.json"), "w") as file:
        json.dump({"model": "gpt2", "versions": versions(), "sources": SOURCES, "aligned": len(ALIGNED), "strict": STRICT, "smoothing": SMOOTHING,
                   "losses": means.tolist(), "batches": drawn}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
