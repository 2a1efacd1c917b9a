"""DINOv3's vision transformers, in transformers' naming (dinov3_vit).

Reads: num_hidden_layers, num_attention_heads, hidden_size, intermediate_size, hidden_act, layer_norm_eps, image_size,
patch_size, num_channels, num_register_tokens, rope_theta, use_gated_mlp (act(gate_proj) * up_proj), query_bias,
key_bias (absent: false), value_bias, proj_bias, mlp_bias. layerscale_value is where training begins; pos_embed_shift,
_jitter and _rescale move positions in training only. preprocessor_config.json: DINOv3ViTImageProcessorFast, which
rescales before it resizes, so that pixels between pixels are no whole levels.
No position embeddings: queries and keys of patches turn by the patch's row and column, each share of a full turn divided
by theta ** (i / (d_head / 4)); [CLS] and registers, which stand before the patches, do not turn. Any image size.
Layer scale as in DINOv2. Files name layers layer.0; the library's module is model.layer.0 in memory.
Heads: none; outputs are ln_final's rows, and the first of them. Refuse: DINOv3ViTBackbone; d_head that 4 does not divide.
"""
from dataclasses import replace
from functools import partial

from tiny import rotary
from tiny.families import vit
from tiny.images import processed
from tiny.model import TinyModel
from tiny.points import close
from tiny.vision import Layout, dump, image_prompts, patches
from tiny.weights import scramble

import torch

PROCESSOR = dict(size={"height": 12, "width": 12}, resample=2)
SIZES = dict(num_hidden_layers=2, image_size=12, patch_size=4, layer_norm_eps=1e-5, hidden_size=24, dtype="float32")


def embed(tokens, run, model):
    return torch.cat([*(getattr(model.embeddings, name)[0] for name in tokens),
                      patches(run.out("embeddings.patch_embeddings"))])


def rotate(model, x, prompt):
    before = len(x) - prompt["grid"][0] * prompt["grid"][1]
    return rotary.by_patches(x, prompt["grid"], before, model.config.rope_theta)


def bare(points, run, model, rows):
    close(rows, run.result.last_hidden_state[0], "last_hidden_state")
    return {"last_hidden_state": run.result.last_hidden_state[0], "pooler_output": run.result.pooler_output[0]}


PLAIN = Layout(
    block="model.layer.{}", embed=partial(embed, ["cls_token", "register_tokens"]), positions=None, qkv=vit.qkv, head=bare,
    final="norm", ln1="norm1", ln2="norm2", scales=("layer_scale1", "layer_scale2", "lambda1"), rotate=rotate,
    branches=lambda run, at: (run.out(at + ".mlp.up_proj"), None), down="mlp.down_proj")
GATED = replace(PLAIN, activation="silu", branches=lambda run, at: (
    run.out(at + ".mlp.gate_proj"), run.out(at + ".mlp.up_proj")))


def layout_of(config):
    return GATED if config.use_gated_mlp else PLAIN


def make(seed, sizes):
    from transformers import DINOv3ViTConfig, DINOv3ViTModel

    return scramble(DINOv3ViTModel(DINOv3ViTConfig(**SIZES, **sizes)), seed)


def processor():
    return processed("DINOv3ViTImageProcessor", pillow=False, **PROCESSOR)


def tiny(folder, layout, registers, seed, **sizes):
    prefix = ["[CLS]", *["[REG]"] * registers]
    return TinyModel(
        folder, partial(make, seed, dict(num_register_tokens=registers, **sizes)), partial(dump, layout), kind="vision",
        load=vit.load_bare, lens=None, prompts=lambda: image_prompts(processor()[0], 4, prefix, seed + 60),
        processor=lambda: processor()[1])


MODELS = [
    tiny("dinov3", PLAIN, 2, 20240561, num_attention_heads=3, intermediate_size=34),
    tiny("dinov3-gated", GATED, 0, 20240562, num_attention_heads=2, intermediate_size=20, use_gated_mlp=True,
         hidden_act="silu", query_bias=False, key_bias=True, proj_bias=False, mlp_bias=False, rope_theta=30.0),
]
