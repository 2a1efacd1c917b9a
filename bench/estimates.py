"""Estimates of ablated and patched heads of tiny models by plain PyTorch in float64, for EstimatesTest.

    python bench/estimates.py > engine/src/test/resources/analysis/estimates.json

Gradients of a logit difference at every head's output are autograd's through the library's own pass, with a hook at the input of
attention's output projection. An estimate is the logit difference plus gradient times change: 0 minus the head's output for an
ablation, the corrupted run's output minus it for a patch. Integrated gradients are means over points k/STEPS, k = 0 to STEPS - 1, on
the line from the corrupted prompt's token embeddings to the clean one's.
"""

import json
import pathlib

import torch
from transformers import AutoModelForCausalLM

TINY = pathlib.Path(__file__).parent.parent / "engine/src/test/resources/tiny"
CLEAN, CORRUPTED, ANSWER, FOIL = [3, 17, 42, 5, 28, 11], [3, 9, 42, 5, 30, 11], 13, 19
STEPS = 5
MODELS = ("gpt2", "llama", "gemma2", "gpt-neox")


def projections(model, name):
    """The modules that take the outputs of a layer's heads, side by side."""
    if name == "gpt2":
        return [block.attn.c_proj for block in model.transformer.h]
    if name == "gpt-neox":
        return [block.attention.dense for block in model.gpt_neox.layers]
    return [block.self_attn.o_proj for block in model.model.layers]


def run(model, name, embeds):
    """Logit difference, outputs of heads by layer [position, head, d_head], and gradients there."""
    found = []

    def keep(module, inputs):
        z = inputs[0]
        if not z.requires_grad:
            z = z.requires_grad_()
        z.retain_grad()
        found.append(z)
        return (z,)

    handles = [module.register_forward_pre_hook(keep) for module in projections(model, name)]
    logits = model(inputs_embeds=embeds[None], use_cache=False).logits[0, -1]
    for handle in handles:
        handle.remove()
    value = logits[ANSWER] - logits[FOIL]
    value.backward()
    heads = model.config.num_attention_heads
    apart = [(z.detach()[0].view(len(embeds), heads, -1), z.grad[0].view(len(embeds), heads, -1)) for z in found]
    return float(value), [z for z, _ in apart], [gradient for _, gradient in apart]


def estimates(value, outputs, gradients, others):
    return {
        "ablated": [[value - float((g[:, h] * z[:, h]).sum()) for h in range(z.shape[1])] for z, g in zip(outputs, gradients)],
        "patched": [[value + float((g[:, h] * (o - z)[:, h]).sum()) for h in range(z.shape[1])]
                    for z, g, o in zip(outputs, gradients, others)]}


def of(name):
    model = AutoModelForCausalLM.from_pretrained(TINY / name, dtype=torch.float64, attn_implementation="eager").eval()
    for weight in model.parameters():
        weight.requires_grad_(False)
    table = model.get_input_embeddings()
    clean, corrupted = (table(torch.tensor(ids)).detach() for ids in (CLEAN, CORRUPTED))
    value, outputs, gradients = run(model, name, clean.clone().requires_grad_())
    other, others, _ = run(model, name, corrupted.clone().requires_grad_())
    means = [torch.zeros_like(g) for g in gradients]
    for k in range(STEPS):
        point = (corrupted + k / STEPS * (clean - corrupted)).requires_grad_()
        for mean, gradient in zip(means, run(model, name, point)[2]):
            mean += gradient / STEPS
    return {"value": value, "corrupted": other, "gradient": estimates(value, outputs, gradients, others),
            "integrated": estimates(value, outputs, means, others)}


def main():
    torch.set_num_threads(1)
    print(json.dumps({"clean": CLEAN, "corrupted": CORRUPTED, "answer": ANSWER, "foil": FOIL, "steps": STEPS,
                      "models": {name: of(name) for name in MODELS}}))


if __name__ == "__main__":
    main()
