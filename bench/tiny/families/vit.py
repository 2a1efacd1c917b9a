"""ViT, in transformers' naming.

Reads: num_hidden_layers, num_attention_heads, hidden_size, intermediate_size, hidden_act, layer_norm_eps,
image_size, patch_size (a number, or [rows, columns]), num_channels, qkv_bias (absent: true), id2label,
architectures. preprocessor_config.json: do_resize, size (a number in older files: a square; else height
and width), resample (2 bilinear, 3 bicubic), do_rescale and rescale_factor (absent: 1/255), do_normalize,
image_mean, image_std; image_processor_type or the older feature_extractor_type.
Positions of other image sizes: bicubic, align_corners false, no antialias, of the patches' square.
Heads: ViTForImageClassification reads ln_final's first row. ViTModel: names without "vit."; its pooler
(dense and tanh of the first row) may be absent. Weights keep the names of transformers 4
(encoder.layer.0.attention.attention.query and so on).
Refuse: ViTForMaskedImageModeling; patches that do not divide the image.
"""
from dataclasses import replace
from functools import partial

import torch

from tiny.images import processed
from tiny.model import TinyModel
from tiny.points import close
from tiny.vision import Layout, classify, dump, image_prompts, linear_head, patches
from tiny.weights import scramble

PROCESSOR = dict(size={"height": 12, "width": 12}, resample=2, image_mean=[0.5] * 3, image_std=[0.5, 0.4, 0.6])


def qkv(run, at):
    return [run.out(f"{at}.{n}_proj") for n in "qkv"]


def embed(at, prefix, run, model):
    """prefix: names of the tokens that stand before the patches."""
    embeddings = model.get_submodule(at)
    return torch.cat([*(getattr(embeddings, name)[0] for name in prefix),
                      patches(run.out(at + ".patch_embeddings.projection"))])


def positions(at, model, prompt):
    embeddings = model.get_submodule(at)
    if not prompt["resampled"]:
        return embeddings.position_embeddings[0]
    _, height, width = prompt["pixel_values"].shape
    return embeddings.interpolate_pos_encoding(torch.empty(1, 0, model.config.hidden_size), height, width)[0]


LAYOUT = Layout(
    block="vit.layers.{}", embed=partial(embed, "vit.embeddings", ["cls_token"]),
    positions=partial(positions, "vit.embeddings"), qkv=qkv, head=partial(linear_head, "classifier"),
    final="vit.layernorm")


def pooled(points, run, model, rows):
    """Hidden states, and the pooler of the first."""
    close(rows, run.result.last_hidden_state[0], "last_hidden_state")
    row = points["pooler.hook_pooler_out"] = torch.tanh(classify(rows[0], model.pooler.dense))
    close(row, run.result.pooler_output[0], "pooler_output")
    return {"last_hidden_state": run.result.last_hidden_state[0], "pooler_output": run.result.pooler_output[0]}


def bare(points, run, model, rows):
    close(rows, run.result.last_hidden_state[0], "last_hidden_state")
    return {"last_hidden_state": run.result.last_hidden_state[0]}


BARE = Layout(
    block="layers.{}", embed=partial(embed, "embeddings", ["cls_token"]), positions=partial(positions, "embeddings"),
    qkv=qkv, head=pooled, final="layernorm")


def bare_layout(config, tokens=("cls_token",)):
    """The table of a model without a head; of a file without a pooler, the library draws one that counts for nothing."""
    return replace(BARE, embed=partial(embed, "embeddings", list(tokens)))


LENS = {"hook_embed": None, "hook_pos_embed": None, "hook_mlp_in": "ln2.hook_in", "attn.hook_attn_scores": None}


def vit():
    from transformers import ViTConfig, ViTForImageClassification

    return scramble(ViTForImageClassification(ViTConfig(
        hidden_size=20, num_hidden_layers=2, num_attention_heads=4, intermediate_size=34, image_size=12,
        patch_size=4, num_channels=3, layer_norm_eps=1e-12, num_labels=5, dtype="float32")), 20240541)


def vit_pooled():
    from transformers import ViTConfig, ViTModel

    return scramble(ViTModel(ViTConfig(
        hidden_size=20, num_hidden_layers=2, num_attention_heads=4, intermediate_size=34, image_size=12,
        patch_size=4, num_channels=3, layer_norm_eps=1e-12, dtype="float32")), 20240546)


def load_bare(folder, dtype):
    from transformers import AutoModel

    return AutoModel.from_pretrained(folder, dtype=dtype, attn_implementation="eager")


def load(folder, dtype):
    from transformers import AutoModelForImageClassification

    return AutoModelForImageClassification.from_pretrained(folder, dtype=dtype, attn_implementation="eager")


def lens_input(prompt):
    more = {"interpolate_pos_encoding": True} if prompt["resampled"] else {}
    return {"input": prompt["pixel_values"][None], **more}


def tiny(folder, make, layout, seed, **more):
    return TinyModel(
        folder, make, partial(dump, layout), kind="vision",
        prompts=lambda: image_prompts(processed("ViTImageProcessor", **PROCESSOR)[0], 4, ["[CLS]"], seed),
        processor=lambda: processed("ViTImageProcessor", **PROCESSOR)[1], **more)


MODELS = [
    tiny("vit", vit, LAYOUT, 20240602, load=load, lens=LENS, lens_input=lens_input),
    tiny("vit-pooled", vit_pooled, BARE, 20240606, load=load_bare, lens=None),
]
