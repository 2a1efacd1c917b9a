"""Distributed alignment search on the tiny GPT-2 by plain PyTorch in float64, for SubspaceTrainerTest.

    python bench/alignment_search.py --out engine/src/test/resources/analysis

A subspace of the residual stream before layer 1 is trained so that interchanges of its component have the counterfactual labels.
Autograd goes through x + (s - x) R R^T with respect to R itself; the gradient is projected to the tangent space of subspaces, Adam
moves the basis, and a QR decomposition with a positive diagonal makes it orthonormal again. Writes alignment_search.json: pairs, the
first basis, the loss and its gradient there, batches and learning rates, the loss of each step, and the last basis.
"""
import argparse
import json
import os
import pathlib
import random

import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

from common import versions

TINY = pathlib.Path(__file__).parent.parent / "engine/src/test/resources/tiny"
LAYER = 1
RANK = 3
STEPS = 25
BATCH = 6
RATE = 0.02
BETAS = (0.9, 0.999)
EPSILON = 1e-8


def pairs(rng, tokens):
    """Bases of two lengths and sources of others; the last or two earlier positions are exchanged."""
    for i in range(10):
        base, source = ([rng.randrange(tokens) for _ in range(length)] for length in ((5, 7)[i % 2], (6, 5)[i % 2]))
        width = 2 if i % 3 == 2 else 1
        at, start = (len(base) - 1, len(source) - 1) if width == 1 else (1, 2)
        yield {"base": base, "at": [at, at + width - 1], "source": source, "from": [start, start + width - 1],
               "targets": [rng.randrange(tokens) for _ in range(1 + i % 2)]}


def stream(model, ids):
    return model(torch.tensor([ids]), output_hidden_states=True).hidden_states[LAYER][0].detach()


def loss(model, basis, chosen):
    """Mean cross-entropy; of several targets, of any of them."""
    total = 0
    for pair in chosen:
        x = stream(model, pair["base"])
        (first, last), (start, end) = pair["at"], pair["from"]
        difference = stream(model, pair["source"])[start:end + 1] - x[first:last + 1]
        changed = torch.cat([x[:first], x[first:last + 1] + difference @ basis.T @ basis, x[last + 1:]])
        handle = model.transformer.h[LAYER].register_forward_pre_hook(lambda _, args, changed=changed: (changed[None], *args[1:]))
        logits = model(torch.tensor([pair["base"]])).logits[0, -1]
        handle.remove()
        total = total - logits.log_softmax(-1)[pair["targets"]].logsumexp(0)
    return total / len(chosen)


def orthonormal(rows):
    q, r = torch.linalg.qr(rows.T)
    return (q * r.diagonal().sign()).T


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    out = parser.parse_args().out
    torch.set_num_threads(1)
    torch.manual_seed(5)
    model = AutoModelForCausalLM.from_pretrained(TINY / "gpt2", dtype=torch.float64, attn_implementation="eager").eval()
    rng = random.Random(7)
    drawn = list(pairs(rng, model.config.vocab_size))
    some = drawn[:1]
    simple = torch.tensor(some[0]["base"])[None]
    labels = torch.tensor(some[0]["targets"])
    zero = torch.zeros(RANK, model.config.n_embd, dtype=torch.float64)
    assert abs(loss(model, zero, some) - cross_entropy(model(simple).logits[:, -1], labels)) < 1e-12
    first = orthonormal(torch.randn(RANK, model.config.n_embd, dtype=torch.float64))
    basis = first.clone().requires_grad_()
    start = loss(model, basis, drawn)
    gradient, = torch.autograd.grad(start, basis)
    moments = [torch.zeros_like(first), torch.zeros_like(first)]
    steps, now = [], first
    for step in range(STEPS):
        batch = sorted(rng.sample(range(len(drawn)), BATCH))
        rate = RATE * (STEPS - step) / STEPS
        basis = now.clone().requires_grad_()
        own = loss(model, basis, [drawn[i] for i in batch])
        g, = torch.autograd.grad(own, basis)
        g = g - g @ now.T @ now
        moments = [beta * moment + (1 - beta) * part for beta, moment, part in zip(BETAS, moments, (g, g * g))]
        mean, square = (moment / (1 - beta ** (step + 1)) for beta, moment in zip(BETAS, moments))
        now = orthonormal(now - rate * mean / (square.sqrt() + EPSILON))
        steps.append({"batch": batch, "rate": rate, "loss": own.item()})
    with open(os.path.join(out, "alignment_search.json"), "w") as file:
        json.dump({"model": "gpt2", "versions": versions(), "site": f"blocks.{LAYER}.hook_resid_pre", "pairs": drawn, "first": first.tolist(),
                   "loss": start.item(), "gradient": gradient.tolist(), "steps": steps, "last": now.tolist()}, file)
        file.write("\n")
    print(start.item(), loss(model, now, drawn).item())


if __name__ == "__main__":
    main()
