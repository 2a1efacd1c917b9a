"""Hook points of a vision transformer, in Hugging Face's and in timm's naming."""
from dataclasses import dataclass
from typing import Callable, Optional

import torch

from tiny.decoder import ACTIVATIONS
from tiny.images import random_pixels
from tiny.points import Points, close
from tiny.run import Run


def run_transformers(model, prompt):
    """Most resample positions only when told to; DINOv2 does so by itself, and DINOv3 has nothing to resample."""
    told = {"interpolate_pos_encoding": True} if prompt["resampled"] and "dino" not in model.config.model_type else {}
    return Run(model, {"pixel_values": prompt["pixel_values"][None], **told})


@dataclass
class Layout:
    """Module names, those of a block relative to it.

    embed: (run, model) -> the tokens before positions, [pos, d_model]: what stands for the whole image
    first, then patches row by row. positions: (model, prompt) -> what is added to them, as many rows.
    qkv: (run, attention's name) -> the projections' outputs. branches: as in a decoder.
    scales: names of the two layer scales of a block and of their weight; lambdas: names of such scales that are no
    modules. rotate: (model, x, prompt) -> queries or keys as they turn. bias: (model, block's name, prompt) -> what is
    added to scores, [head, query, key]. final: the norm of all
    positions, None where the norm comes after pooling. first: the norm of the sum before the blocks. head: (points, run, model, rows) -> outputs.
    """
    block: str
    embed: Callable
    positions: Optional[Callable]
    qkv: Callable
    head: Callable
    final: Optional[str]
    first: Optional[str] = None
    ln1: str = "layernorm_before"
    ln2: str = "layernorm_after"
    attention: str = "attention"
    output: str = "attention.o_proj"
    branches: Callable = lambda run, at: (run.out(at + ".mlp.fc1"), None)
    activation: str = "gelu"
    mlp: str = "mlp"
    down: str = "mlp.fc2"
    scales: tuple = (None, None, None)
    lambdas: tuple = ()
    rotate: Optional[Callable] = None
    bias: Callable = lambda model, at, prompt: 0
    query_norms: bool = False
    layers: Callable = lambda model: model.config.num_hidden_layers
    heads: Callable = lambda model: model.config.num_attention_heads
    run: Callable = run_transformers


def dump(layout, model, prompt, sized=lambda model, prompt: model):
    """Outputs and hook points of one image. sized: the model as it takes images of that size."""
    model = sized(model, prompt)
    run = layout.run(model, prompt)
    points = Points(run)
    points["hook_embed"] = layout.embed(run, model)
    stream = points["hook_embed"]
    if layout.positions is not None:
        points["hook_pos_embed"] = layout.positions(model, prompt)
        stream = stream + points["hook_pos_embed"]
    if layout.first is not None:
        stream = points["hook_full_embed"] = points.norm(
            "embed.ln", stream, model.get_submodule(layout.first), run.out(layout.first))
    for layer in range(layout.layers(model)):
        close(stream, run.into(layout.block.format(layer)), "into a block")
        stream = _block(layout, points, run, model, layer, prompt)
    if layout.final is not None:
        stream = points.norm("ln_final", stream, model.get_submodule(layout.final), run.out(layout.final))
    return layout.head(points, run, model, stream), points


def _added(layout, run, model, at, which, module):
    """What a branch adds to the stream, scaled."""
    if layout.lambdas:
        return run.scaled(run.out(at + module), _lambda(layout, model, at, which))
    return run.out(at + (layout.scales[which] or module))


def _lambda(layout, model, at, which):
    scale = getattr(model.get_submodule(at[:-1]), layout.lambdas[which])
    return scale.detach() if isinstance(scale, torch.Tensor) else scale


def _block(layout, points, run, model, layer, prompt):
    at, block = layout.block.format(layer) + ".", f"blocks.{layer}."
    pre = points[block + "hook_resid_pre"] = run.into(at[:-1])
    points.norm(block + "ln1", pre, model.get_submodule(at + layout.ln1), run.out(at + layout.ln1))
    attn_out = points[block + "hook_attn_out"] = _added(layout, run, model, at, 0, layout.attention)
    _attention(layout, points, run, model, layer, prompt)
    mid = points[block + "hook_resid_mid"] = pre + attn_out
    mid = points[block + "hook_mlp_in"] = mid.clone()
    close(mid, run.into(at + layout.ln2), block + "mid")
    points.norm(block + "ln2", mid, model.get_submodule(at + layout.ln2), run.out(at + layout.ln2))
    branches = layout.branches(run, at[:-1])
    points.mlp(block + "mlp.", ACTIVATIONS[layout.activation], *branches, run.into(at + layout.down))
    mlp_out = points[block + "hook_mlp_out"] = _added(layout, run, model, at, 1, layout.mlp)
    post = points[block + "hook_resid_post"] = run.out(at[:-1])
    close(mid + mlp_out, post, block + "post")
    return post


def _attention(layout, points, run, model, layer, prompt):
    at, name = layout.block.format(layer) + ".", f"blocks.{layer}.attn."
    heads = layout.heads(model)
    q, k, v = (part.reshape(len(part), heads, -1) for part in layout.qkv(run, at + layout.attention))
    points[name + "hook_q"], points[name + "hook_k"], points[name + "hook_v"] = q, k, v
    if layout.query_norms:
        norms = [model.get_submodule(f"{at}{layout.attention}.{n}_norm") for n in "qk"]
        q = points[name + "hook_q_normed"] = points.norm(name + "q_norm", q, norms[0])
        k = points[name + "hook_k_normed"] = points.norm(name + "k_norm", k, norms[1])
    if layout.rotate is not None:
        q = points[name + "hook_rot_q"] = layout.rotate(model, q, prompt)
        k = points[name + "hook_rot_k"] = layout.rotate(model, k, prompt)
    output = model.get_submodule(at + layout.output)
    scaled, _, weight = layout.scales
    layer_scale = getattr(model.get_submodule(at + scaled), weight) if scaled else 1.0
    layer_scale = _lambda(layout, model, at, 0) if layout.lambdas else layer_scale
    count, width = len(q), q.shape[-1]
    points.attend(name, q, k, v, torch.ones(count, count).bool(), width ** -0.5, None,
                  run.patterns[layer] if run.patterns else None, run.into(at + layout.output),
                  output.weight, output.bias, points[f"blocks.{layer}.hook_attn_out"], layer_scale, layout.bias(model, at[:-1], prompt))


def patches(convolution):
    """[channel, row, column] of the patch projection to [patch, channel]."""
    return convolution.flatten(1).T


def classify(row, head):
    return row @ head.weight.T + head.bias


def linear_head(name, points, run, model, rows):
    """A classifier of the first position."""
    close(classify(rows[0], model.get_submodule(name)), logits(run), "logits")
    return {"logits": logits(run)}


def pooled_head(points, run, row, head):
    """A classifier of a row that is a point."""
    found = classify(row, head)
    close(found, logits(run), "logits")
    points.pull_outputs(found)
    return {"logits": logits(run)}


def logits(run):
    return getattr(run.result, "logits", run.result)[0]


def image_prompts(processed, patch, prefix, seed, other=(20, 8)):
    """The picture as the model's processor makes it, and random pixels of another size.

    prefix: what stands before the patches. grid: rows and columns of patches.
    """
    prompts = [{"image": "image.png", "resampled": False, "pixel_values": processed},
               {"image": None, "resampled": True, "pixel_values": random_pixels(*other, seed)}]
    for prompt in prompts:
        _, height, width = prompt["pixel_values"].shape
        prompt.update(prefix=prefix, grid=[height // patch, width // patch])
    return prompts
