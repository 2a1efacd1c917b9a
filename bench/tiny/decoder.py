"""Hook points of a decoder of any family, from a table of which module plays which part."""
from dataclasses import dataclass, field
from functools import partial
from typing import Callable, Optional

import torch
from torch.nn.functional import gelu, silu

from tiny.points import Points, causal, close
from tiny.run import Run

ACTIVATIONS = {"silu": silu, "gelu": gelu, "gelu_new": partial(gelu, approximate="tanh"),
               "gelu_pytorch_tanh": partial(gelu, approximate="tanh"), "relu": torch.relu,
               "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x)}


@dataclass
class Layout:
    """Module names, and what a family does between modules. Names within a block are relative to it.

    norms: hook name to module, of ln1, ln1_post, ln2, ln2_post as far as the family has them.
    mlp: the module whose output is the MLP's, before any norm. down: that projects back.
    qkv: (run, name of the attention) -> the projections' outputs, flat or [pos, heads, d_head].
    branches: (run, name of the block) -> the MLP's pre-activation and its ungated branch or None.
    rotary: (config, layer) -> how queries and keys turn there, or None. window: likewise.
    scale: config -> what scores are multiplied by; None for 1 / sqrt(d_head).
    """
    block: str = "model.layers.{}"
    norms: dict = field(default_factory=lambda: {"ln1": "input_layernorm", "ln2": "post_attention_layernorm"})
    attention: str = "self_attn"
    output: str = "self_attn.o_proj"
    mlp: str = "mlp"
    down: str = "mlp.down_proj"
    final: str = "model.norm"
    embed: str = "model.embed_tokens"
    positions: Optional[str] = None
    qkv: Callable = lambda run, at: [run.out(f"{at}.{n}_proj") for n in "qkv"]
    branches: Callable = lambda run, at: (run.out(at + ".mlp.gate_proj"), run.out(at + ".mlp.up_proj"))
    rotary: Callable = lambda config, layer: None
    window: Callable = lambda config, layer: None
    scale: Callable = lambda config: None
    head_width: Callable = lambda config: (
        getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads)
    activation: Callable = lambda config: config.hidden_act
    offset_norms: bool = False
    parallel: bool = False
    input_first: bool = False  # the output projection is stored [input, output]
    embed_scale: Callable = lambda config: 1.0
    allowed: Callable = causal  # (count, window) -> where a query may look
    branch_scale: Callable = lambda config: 1.0  # of what attention and MLP add to the stream
    logit_scale: Callable = lambda config: 1.0


def dump(layout, model, prompt):
    """Logits and hook points of one prompt."""
    ids = prompt["ids"]
    run = Run(model, {"input_ids": torch.tensor([ids]), "use_cache": False})
    points = Points(run)
    stream = _embed(layout, points, run, len(ids))
    for layer in range(model.config.num_hidden_layers):
        at = layout.block.format(layer)
        close(stream, run.into(at), f"into {at}")
        stream = _block(layout, points, run, model, layer)
    close(stream, run.into(layout.final), "into the final norm")
    final = _norm(layout, points, run, model, "ln_final", layout.final, stream)
    if hasattr(model, "score"):
        logits = final[-1] @ model.score.weight.T
        close(logits, run.result.logits[0], "logits")
        return {"logits": run.result.logits[0]}, points
    head = model.get_output_embeddings()
    if head is None:
        return {"last_hidden_state": run.result.last_hidden_state[0]}, points
    logits = (final @ head.weight.T + (0 if head.bias is None else head.bias)) * layout.logit_scale(model.config)
    cap = getattr(model.config, "final_logit_softcapping", None)
    close((logits / cap).tanh() * cap if cap else logits, run.result.logits[0], "logits")
    return {"logits": run.result.logits[0]}, points


def _embed(layout, points, run, count):
    points["hook_embed"] = run.scaled(run.out(layout.embed), layout.embed_scale(run.config))
    if layout.positions is None:
        return points["hook_embed"]
    points["hook_pos_embed"] = run.out(layout.positions)
    return points["hook_embed"] + points["hook_pos_embed"]


def _norm(layout, points, run, model, name, module, x):
    expected = run.out(module) if module in run.outputs else None
    last = not name.endswith(("ln1", "ln2"))  # the next modules are the projections
    return points.norm(name, x, model.get_submodule(module), expected, layout.offset_norms, last)


def _block(layout, points, run, model, layer):
    at, block = layout.block.format(layer), f"blocks.{layer}."
    norm = {name: partial(_norm, layout, points, run, model, block + name, f"{at}.{module}")
            for name, module in layout.norms.items()}
    pre = points[block + "hook_resid_pre"] = run.into(at)
    read = norm["ln1"](pre) if "ln1" in norm else pre
    points.pull_through(layout.qkv, read, model, f"{at}.{layout.attention}")
    _attention(layout, points, run, model, layer)
    attn_out = run.scaled(run.out(f"{at}.{layout.attention}"), layout.branch_scale(model.config))
    attn_out = points[block + "hook_attn_out"] = norm["ln1_post"](attn_out) if "ln1_post" in norm else attn_out
    mid = pre if layout.parallel else pre + attn_out
    if not layout.parallel:
        points[block + "hook_resid_mid"] = mid
    mid = points[block + "hook_mlp_in"] = mid.clone()
    read = norm["ln2"](mid) if "ln2" in norm else mid
    points.pull_through(layout.branches, read, model, at)
    branches = layout.branches(run, at)
    activation = ACTIVATIONS[layout.activation(model.config)]
    points.mlp(block + "mlp.", activation, *branches, run.into(f"{at}.{layout.down}"))
    mlp_out = run.scaled(run.out(f"{at}.{layout.mlp}"), layout.branch_scale(model.config))
    mlp_out = points[block + "hook_mlp_out"] = norm["ln2_post"](mlp_out) if "ln2_post" in norm else mlp_out
    post = points[block + "hook_resid_post"] = run.out(at)
    close(pre + attn_out + mlp_out, post, block + "post")
    return post


def _attention(layout, points, run, model, layer):
    config, at, name = model.config, f"{layout.block.format(layer)}.", f"blocks.{layer}.attn."
    width = layout.head_width(config)
    q, k, v = (part.reshape(len(part), -1, width) for part in layout.qkv(run, at + layout.attention))
    points[name + "hook_q"], points[name + "hook_k"], points[name + "hook_v"] = q, k, v
    if f"{at}{layout.attention}.q_norm" in run.outputs:
        q = _query_norm(layout, points, run, model, f"{at}{layout.attention}.", name, "q", q)
        k = _query_norm(layout, points, run, model, f"{at}{layout.attention}.", name, "k", k)
    if any(layout.rotary(config, other) for other in range(config.num_hidden_layers)):
        rotary = layout.rotary(config, layer)
        q, k = (rotary.rotate(q), rotary.rotate(k)) if rotary else (q, k)
        points[name + "hook_rot_q"], points[name + "hook_rot_k"] = q, k
    output = model.get_submodule(at + layout.output)
    weight = output.weight.T if layout.input_first else output.weight
    scale = layout.scale(config)
    points.attend(name, q, k, v, layout.allowed(len(q), layout.window(config, layer)),
                  width ** -0.5 if scale is None else scale, getattr(config, "attn_logit_softcapping", None),
                  run.patterns[layer], run.into(at + layout.output), weight, output.bias,
                  run.scaled(run.out(at + layout.attention), layout.branch_scale(config)), layout.branch_scale(config))


def _query_norm(layout, points, run, model, at, name, kind, x):
    """A norm of queries or keys: of each head by itself, or of all heads as one row."""
    module = model.get_submodule(f"{at}{kind}_norm")
    row = x if module.weight.shape[0] == x.shape[-1] else x.flatten(1)
    normed = points.norm(f"{name}{kind}_norm", row, module, None, layout.offset_norms).reshape(x.shape)
    points[f"{name}hook_{kind}_normed"] = normed
    return normed
