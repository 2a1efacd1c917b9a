"""Estimates of ablated and patched heads of tiny models by plain PyTorch in float64, for EstimatesTest.

    python bench/estimates.py > engine/src/test/resources/analysis/estimates.json

Gradients of a logit difference at every head's output are autograd's through the library's own pass, with a hook at the input of
attention's output projection. An estimate is the logit difference plus gradient times change: 0 minus the head's output for an
ablation, the corrupted run's output minus it for a patch. Integrated gradients are means over points k/STEPS, k = 0 to STEPS - 1, on
the line from the corrupted prompt's token embeddings to the clean one's.

Gradient drop: for each layer, gradients with the outputs of its attention and MLP detached, where they enter the stream; the mean
absolute estimate over the other layers.
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


def writes(model, name, layer):
    """The modules whose outputs a layer adds to the stream."""
    if name == "gpt2":
        return [model.transformer.h[layer].attn, model.transformer.h[layer].mlp]
    if name == "gpt-neox":
        return [model.gpt_neox.layers[layer].attention, model.gpt_neox.layers[layer].mlp]
    block = model.model.layers[layer]
    if name == "gemma2":
        return [block.post_attention_layernorm, block.post_feedforward_layernorm]
    return [block.self_attn, block.mlp]


def detached(module, inputs, output):
    return (output[0].detach(), *output[1:]) if isinstance(output, tuple) else output.detach()


def run(model, name, embeds, dropped=None):
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
    if dropped is not None:
        handles += [module.register_forward_hook(detached) for module in writes(model, name, dropped)]
    logits = model(inputs_embeds=embeds[None], use_cache=False).logits[0, -1]
    for handle in handles:
        handle.remove()
    value = logits[ANSWER] - logits[FOIL]
    value.backward()
    heads = model.config.num_attention_heads
    for z in found:
        z.grad = torch.zeros_like(z) if z.grad is None else z.grad
    apart = [(z.detach()[0].view(len(embeds), heads, -1), z.grad[0].view(len(embeds), heads, -1)) for z in found]
    return float(value), [z for z, _ in apart], [gradient for _, gradient in apart]


def estimates(value, outputs, gradients, others):
    return {
        "ablated": [[value - float((g[:, h] * z[:, h]).sum()) for h in range(z.shape[1])] for z, g in zip(outputs, gradients)],
        "patched": [[value + float((g[:, h] * (o - z)[:, h]).sum()) for h in range(z.shape[1])]
                    for z, g, o in zip(outputs, gradients, others)]}


def sizes(model, name, points, outputs, others):
    """Mean absolute changes over the layers other than the head's own, by gradients at the mean of points."""
    layers = len(outputs)
    total = {"ablated": torch.zeros(layers, outputs[0].shape[1], dtype=torch.float64), "patched": torch.zeros(layers, outputs[0].shape[1], dtype=torch.float64)}
    for dropped in range(layers):
        means = [torch.zeros_like(z) for z in outputs]
        for point in points:
            for mean, gradient in zip(means, run(model, name, point.clone().requires_grad_(), dropped)[2]):
                mean += gradient / len(points)
        assert float(means[dropped].abs().max()) == 0
        for kind, values in estimates(0, outputs, means, others).items():
            total[kind] += torch.tensor(values, dtype=torch.float64).abs()
    return {kind: (values / (layers - 1)).tolist() for kind, values in total.items()}


def of(name):
    model = AutoModelForCausalLM.from_pretrained(TINY / name, dtype=torch.float64, attn_implementation="eager").eval()
    for weight in model.parameters():
        weight.requires_grad_(False)
    table = model.get_input_embeddings()
    clean, corrupted = (table(torch.tensor(ids)).detach() for ids in (CLEAN, CORRUPTED))
    value, outputs, gradients = run(model, name, clean.clone().requires_grad_())
    other, others, _ = run(model, name, corrupted.clone().requires_grad_())
    means = [torch.zeros_like(g) for g in gradients]
    path = [corrupted + k / STEPS * (clean - corrupted) for k in range(STEPS)]
    for point in path:
        for mean, gradient in zip(means, run(model, name, point.clone().requires_grad_())[2]):
            mean += gradient / STEPS
    return {"value": value, "corrupted": other, "gradient": estimates(value, outputs, gradients, others),
            "integrated": estimates(value, outputs, means, others),
            "dropped": sizes(model, name, [clean], outputs, others),
            "droppedPath": sizes(model, name, path, outputs, others)}


def main():
    torch.set_num_threads(1)
    print(json.dumps({"clean": CLEAN, "corrupted": CORRUPTED, "answer": ANSWER, "foil": FOIL, "steps": STEPS,
                      "models": {name: of(name) for name in MODELS}}))


if __name__ == "__main__":
    main()
