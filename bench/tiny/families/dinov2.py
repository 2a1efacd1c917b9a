"""DINOv2, without and with registers, in transformers' naming: ViT with layer scales.

Reads: num_hidden_layers, num_attention_heads, hidden_size, mlp_ratio (neurons: int(hidden_size *
mlp_ratio)), use_swiglu_ffn (gated with SiLU; two thirds of the neurons, rounded up to a multiple of 8),
hidden_act, layer_norm_eps, image_size, patch_size, qkv_bias, num_register_tokens, id2label, architectures.
preprocessor_config.json: size {"shortest_edge"}, resample 3, crop_size, do_center_crop.
Layer scale: what attention and MLP give is multiplied by lambda1 before it is added; hook_attn_out,
hook_mlp_out and attn.hook_result come after it. Registers stand between [CLS] and the patches and have
no position embedding. The model resamples positions by itself: bicubic, align_corners false, and with
antialias only where it has registers. mask_token is not used.
Heads: Dinov2ForImageClassification reads [CLS] and the patches' mean, one after the other (registers are
left out): pooler.hook_pooler_out, [2 * d_model]. Dinov2Model: names without "dinov2."; its outputs are
ln_final's rows and the first of them. Published swiglu files may have weights_in and weights_out, the
gate and the ungated branch in one.
Refuse: apply_layernorm false.
"""
from dataclasses import replace
from functools import partial

import torch

from tiny.families import vit
from tiny.images import processed
from tiny.model import TinyModel
from tiny.points import close
from tiny.vision import Layout, dump, image_prompts, pooled_head
from tiny.weights import scramble

PROCESSOR = dict(size={"shortest_edge": 14}, resample=3, do_center_crop=True, crop_size={"height": 12, "width": 12},
                 image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
REGISTERS = 2


def pooled(points, run, model, rows):
    registers = getattr(model.config, "num_register_tokens", 0)
    row = points["pooler.hook_pooler_out"] = torch.cat([rows[0], rows[1 + registers:].mean(0)])
    return pooled_head(points, run, row, model.classifier)


def bare(points, run, model, rows):
    close(rows, run.result.last_hidden_state[0], "last_hidden_state")
    return {"last_hidden_state": run.result.last_hidden_state[0], "pooler_output": run.result.pooler_output[0]}


def between(at, model, prompt):
    """No positions for registers."""
    plain = vit.positions(at, model, prompt)
    return torch.cat([plain[:1], torch.zeros(model.config.num_register_tokens, plain.shape[1]), plain[1:]])


BLOCK = dict(ln1="norm1", ln2="norm2", scales=("layer_scale1", "layer_scale2", "lambda1"), qkv=vit.qkv)
PLAIN = Layout(
    block="dinov2.encoder.layer.{}", embed=partial(vit.embed, "dinov2.embeddings", ["cls_token"]),
    positions=partial(vit.positions, "dinov2.embeddings"), head=pooled, final="dinov2.layernorm", **BLOCK)
WITH_REGISTERS = Layout(
    block="encoder.layer.{}", embed=partial(vit.embed, "embeddings", ["cls_token", "register_tokens"]),
    positions=partial(between, "embeddings"), head=bare, final="layernorm", activation="silu",
    branches=lambda run, at: (run.out(at + ".mlp.gate_proj"), run.out(at + ".mlp.up_proj")),
    down="mlp.down_proj", **BLOCK)


def layout_of(config):
    """The table of any DINOv2: with or without registers, a gated MLP and a head."""
    found = WITH_REGISTERS if config.use_swiglu_ffn else replace(PLAIN, head=bare)
    at = "" if "Model" in config.architectures[0] else config.model_type + "."
    tokens = ["cls_token", *(["register_tokens"] if config.model_type != "dinov2" else [])]
    place = partial(between if len(tokens) > 1 else vit.positions, at + "embeddings")
    return replace(found, block=at + "encoder.layer.{}", embed=partial(vit.embed, at + "embeddings", tokens),
                   positions=place, head=pooled if at else bare, final=at + "layernorm")


SIZES = dict(num_hidden_layers=2, image_size=12, patch_size=4, num_channels=3, layer_norm_eps=1e-6, dtype="float32")


def plain():
    from transformers import Dinov2Config, Dinov2ForImageClassification

    return scramble(Dinov2ForImageClassification(Dinov2Config(
        hidden_size=18, num_attention_heads=3, mlp_ratio=2, num_labels=4, **SIZES)), 20240543)


def registers():
    from transformers import Dinov2WithRegistersConfig, Dinov2WithRegistersModel

    return scramble(Dinov2WithRegistersModel(Dinov2WithRegistersConfig(
        hidden_size=20, num_attention_heads=5, mlp_ratio=2, num_register_tokens=REGISTERS, use_swiglu_ffn=True,
        **SIZES)), 20240544)


def load(folder, dtype):
    from transformers import AutoModel

    return AutoModel.from_pretrained(folder, dtype=dtype, attn_implementation="eager")


def tiny(folder, make, layout, prefix, seed, read):
    return TinyModel(
        folder, make, partial(dump, layout), kind="vision", load=read, lens=None,
        prompts=lambda: image_prompts(processed("BitImageProcessor", **PROCESSOR)[0], 4, prefix, seed),
        processor=lambda: processed("BitImageProcessor", **PROCESSOR)[1])


MODELS = [
    tiny("dinov2", plain, PLAIN, ["[CLS]"], 20240604, vit.load),
    tiny("dinov2-registers", registers, WITH_REGISTERS, ["[CLS]", "[REG]", "[REG]"], 20240605, load),
]
