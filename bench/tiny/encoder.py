"""Hook points of a post-norm encoder of any family, each prompt being part of a padded batch."""
from dataclasses import dataclass
from typing import Callable, Optional

import torch

from tiny.decoder import ACTIVATIONS
from tiny.points import Points, close
from tiny.run import Run, head_outputs

PROMPTS = [{"ids": [3, 17, 42, 5, 28, 50, 11], "token_types": [0, 0, 0, 0, 1, 1, 1]},
           {"ids": [9, 4, 52, 31], "token_types": [0, 1, 1, 0]}, {"ids": [7], "token_types": [0]}]


@dataclass
class Layout:
    """Module names. Those of a block are relative to it; {} in block is its number.

    masked_head: dense, norm and unembedding of a masked-LM head. pooler: (run) -> the row that the
    classifier reads, after its activation. bare: no head; outputs are last_hidden_state and pooler_output, if
    there is a pooler. per_token: the classifier of each position's row, after token_dense and its activation.
    project: the dense layer from embeddings to the stream, where they differ in width; projects_first: before
    the norm. qkv: (run, model, block) -> the projections and the names of their modules, where these are not q, k
    and v. scale: config -> what scores are multiplied by. added: (model, block, q, k) -> what they have added.
    """
    embeddings: str
    block: str
    q: str
    k: str
    v: str
    output: str
    ln1: str
    ln2: str
    up: str
    down: str
    masked_head: Optional[tuple] = None
    pooler: Optional[Callable] = None
    classifier: Optional[str] = None
    per_token: Optional[str] = None
    token_dense: Optional[str] = None
    project: Optional[str] = None
    token_types: bool = True
    positions: bool = True
    projects_first: bool = False
    qkv: Optional[Callable] = None
    scale: Callable = lambda config: (config.hidden_size // config.num_attention_heads) ** -0.5
    added: Callable = lambda model, at, q, k: 0
    activation: Callable = lambda config: config.hidden_act


def batch(layout, prompts, pad):
    """All prompts side by side, padded on the right."""
    longest = max(len(prompt["ids"]) for prompt in prompts)
    padded = {"input_ids": [p["ids"] + [pad] * (longest - len(p["ids"])) for p in prompts],
              "attention_mask": [[1] * len(p["ids"]) + [0] * (longest - len(p["ids"])) for p in prompts]}
    if layout.token_types:
        padded["token_type_ids"] = [p["token_types"] + [0] * (longest - len(p["ids"])) for p in prompts]
    return {name: torch.tensor(rows) for name, rows in padded.items()}


def dump(layout, prompts, model, prompt):
    """Outputs and hook points of one prompt in a padded batch, which are those of the prompt alone."""
    row, count = prompts.index(prompt), len(prompt["ids"])
    inputs = batch(layout, prompts, model.config.pad_token_id)
    if torch.is_grad_enabled():
        return _dump(layout, model, Run(model, {k: v[row:row + 1, :count] for k, v in inputs.items()}, 0, count))
    outputs, points = _dump(layout, model, Run(model, inputs, row, count))
    alone, others = _dump(layout, model, Run(model, {k: v[row:row + 1, :count] for k, v in inputs.items()}, 0, count))
    for name, value in {**outputs, **points}.items():
        close({**alone, **others}[name], value, f"{name} without padding")
    return outputs, points


def _dump(layout, model, run):
    points = Points(run)
    stream = _embed(layout, points, run, model)
    for layer in range(model.config.num_hidden_layers):
        close(stream, run.into(layout.block.format(layer)), "into a block")
        stream = _block(layout, points, run, model, layer)
    if layout.masked_head:
        return {"logits": _masked_head(layout, points, run, model, stream)}, points
    if layout.per_token:
        return {"logits": _per_token(layout, points, run, model, stream)}, points
    if layout.pooler:
        points["pooler.hook_pooler_out"] = layout.pooler(run, model, stream)
    if layout.classifier is None:
        outputs = {"last_hidden_state": run.sequence(run.result.last_hidden_state)}
        close(stream, outputs["last_hidden_state"], "last_hidden_state")
        if layout.pooler:
            outputs["pooler_output"] = run.result.pooler_output[run.row]
            close(points["pooler.hook_pooler_out"], outputs["pooler_output"], "pooler_output")
        return outputs, points
    head = model.get_submodule(layout.classifier)
    logits = run.result.logits[run.row]
    found = points["pooler.hook_pooler_out"] @ head.weight.T + head.bias
    close(found, logits, "logits")
    points.pull_outputs(found)
    return {"logits": logits}, points


def _per_token(layout, points, run, model, stream):
    head = model.get_submodule(layout.per_token)
    logits = head_outputs(run.result)
    logits = run.sequence(logits if logits.dim() == 3 else logits[..., None])
    if layout.token_dense:
        pre = points["mlm_head.hook_pre"] = run.out(layout.token_dense)
        points["mlm_head.hook_post"] = run.into(layout.per_token)
        close(ACTIVATIONS[layout.activation(model.config)](pre), points["mlm_head.hook_post"], "dense")
        stream = points["mlm_head.hook_post"]
    close(stream @ head.weight.T + head.bias, logits, "logits")
    return logits


def _embed(layout, points, run, model):
    at = layout.embeddings + "."
    points["hook_embed"] = run.out(at + "word_embeddings")
    total = points["hook_embed"]
    if layout.positions:
        points["hook_pos_embed"] = run.out(at + "position_embeddings")[:run.count]
        total = total + points["hook_pos_embed"]
    if layout.token_types:
        points["hook_token_type_embed"] = run.out(at + "token_type_embeddings")
        total = total + points["hook_token_type_embed"]
    if layout.project and layout.projects_first:
        found = total @ model.get_submodule(layout.project).weight.T
        total = run.out(layout.project)
        close(found, total, "projected")
        points.pull_as(found, total)
    norm = model.get_submodule(at + "LayerNorm")
    points["hook_full_embed"] = points.norm("embed.ln", total, norm, run.out(at + "LayerNorm"))
    return run.out(layout.project) if layout.project and not layout.projects_first else points["hook_full_embed"]


def _block(layout, points, run, model, layer):
    at, block = layout.block.format(layer) + ".", f"blocks.{layer}."
    pre = points[block + "hook_resid_pre"] = run.into(at[:-1])
    attn_out = points[block + "hook_attn_out"] = run.out(at + layout.output)
    _attention(layout, points, run, model, layer)
    mid = points[block + "hook_resid_mid"] = points[block + "hook_mlp_in"] = pre + attn_out
    close(mid, run.into(at + layout.ln1), block + "mid")
    x = points.norm(block + "ln1", mid, model.get_submodule(at + layout.ln1), run.out(at + layout.ln1))
    activation = ACTIVATIONS[layout.activation(model.config)]
    points.mlp(block + "mlp.", activation, run.out(at + layout.up), None, run.into(at + layout.down))
    mlp_out = points[block + "hook_mlp_out"] = run.out(at + layout.down)
    post = points[block + "hook_resid_post"] = x + mlp_out
    close(post, run.into(at + layout.ln2), block + "post")
    y = points.norm(block + "ln2", post, model.get_submodule(at + layout.ln2), run.out(at + layout.ln2))
    points[block + "hook_normalized_resid_post"] = y
    return y


def _attention(layout, points, run, model, layer):
    at, name = layout.block.format(layer) + ".", f"blocks.{layer}.attn."
    width = model.config.hidden_size // model.config.num_attention_heads
    if layout.qkv:
        (q, k, v), asked = layout.qkv(run, model, at)
        points.asked += [*asked, at + layout.up]
    else:
        points.asked += [at + part for part in (layout.q, layout.k, layout.v, layout.up)]
        q, k, v = (run.out(at + part).reshape(run.count, -1, width) for part in (layout.q, layout.k, layout.v))
    points[name + "hook_q"], points[name + "hook_k"], points[name + "hook_v"] = q, k, v
    output = model.get_submodule(at + layout.output)
    points.attend(name, q, k, v, torch.ones(run.count, run.count).bool(), layout.scale(model.config), None,
                  run.patterns[layer], run.into(at + layout.output), output.weight, output.bias,
                  run.out(at + layout.output), bias_of_scores=layout.added(model, at, q, k))


def _masked_head(layout, points, run, model, stream):
    dense, norm, unembed = layout.masked_head
    points["mlm_head.hook_pre"] = run.out(dense)
    points["mlm_head.hook_post"] = run.into(norm)
    close(torch.nn.functional.gelu(points["mlm_head.hook_pre"]), points["mlm_head.hook_post"], "mlm_head")
    final = points.norm("ln_final", points["mlm_head.hook_post"], model.get_submodule(norm), run.out(norm))
    if callable(unembed):
        weight, bias = unembed(model)
    else:
        weight, bias = model.get_submodule(unembed).weight, model.get_submodule(unembed).bias
    logits = run.sequence(run.result.logits)
    close(final @ weight.T + bias, logits, "logits")
    return logits
