"""BEiT, in transformers' naming: ViT whose scores have a bias for where query and key stand.

Reads: num_hidden_layers, num_attention_heads, hidden_size, intermediate_size, hidden_act, layer_norm_eps, image_size,
patch_size, num_channels, use_absolute_position_embeddings (absent: false), use_relative_position_bias (by layer),
use_shared_relative_position_bias (of all layers; both are added up), layer_scale_init_value (above 0: lambda_1 and
lambda_2, by which what attention and MLP give is multiplied), use_mean_pooling (absent: true), id2label, architectures.
Queries and values have a bias, keys have none. The table of biases has (2 rows - 1)(2 columns - 1) rows for the
differences of row and column between two patches, then one for [CLS] looking at patches, one for these looking at [CLS],
one for [CLS] looking at itself; it is added to scores after scaling: hook_attn_scores holds both.
Other image sizes: the table is resampled (bilinear, align_corners false), position embeddings as in ViT. Of images that
are no squares the library takes rows for columns when it resamples, even to their own size.
Heads: BeitForImageClassification reads the patches' mean behind a norm of its own (pooler.layernorm: ln_final;
pooler.hook_pooler_out is the mean) and BeitModel stops there; without mean pooling: layernorm, first row.
Older files hold relative_position_index, which is no weight; use_mask_token: mask_token is not used.
Refuse: BeitForMaskedImageModeling, segmentation, backbones; position embeddings of images that are no squares.
"""
from dataclasses import replace
from functools import partial

import torch

from tiny.families import vit
from tiny.images import processed
from tiny.model import TinyModel
from tiny.points import close
from tiny.vision import Layout, dump, image_prompts, linear_head, pooled_head
from tiny.weights import scramble

PROCESSOR = dict(size={"height": 12, "width": 12}, resample=3, do_center_crop=False, image_mean=[0.5] * 3, image_std=[0.5] * 3)
SIZES = dict(num_hidden_layers=2, image_size=12, patch_size=4, layer_norm_eps=1e-6, dtype="float32")


def pooled(at, points, run, model, rows):
    """A classifier of the patches' mean, normed."""
    mean = points["pooler.hook_pooler_out"] = rows[1:].mean(0)
    name = at + "pooler.layernorm"
    row = points.norm("ln_final", mean, model.get_submodule(name), run.out(name))
    return pooled_head(points, run, row, model.classifier)


def bare(points, run, model, rows):
    close(rows, run.result.last_hidden_state[0], "last_hidden_state")
    found = {"last_hidden_state": run.result.last_hidden_state[0], "pooler_output": run.result.pooler_output[0]}
    if model.config.use_mean_pooling:
        row = points.norm("ln_final", rows[1:].mean(0), model.pooler.layernorm, run.out("pooler.layernorm"))
        points["pooler.hook_pooler_out"] = row
    return found


def bias(at, model, block, prompt):
    """By plain maths of the library's table, for the prompt's grid of patches."""
    found, (down, across) = 0, prompt["grid"]
    for module in (f"{block}.relative_position_bias", at + "shared_position_bias"):
        holder = model
        for name in module.split("."):
            holder = getattr(holder, name, None)
        if holder is not None:
            found = found + spread(holder.relative_position_bias_table, holder.window_size, down, across)
    return found


def spread(table, window, down, across):
    """[head, query, key]. A table of other patches is resampled."""
    size = (2 * down - 1, 2 * across - 1)
    own = table[:-3].T.reshape(1, -1, 2 * window[1] - 1, 2 * window[0] - 1)
    grid = torch.nn.functional.interpolate(own, size=size, mode="bilinear")[0]
    rows, columns = torch.arange(down).repeat_interleave(across), torch.arange(across).repeat(down)
    differences = grid[:, rows[:, None] - rows + down - 1, columns[:, None] - columns + across - 1]
    count = down * across
    above = torch.cat([table[-1:].T, table[-3:-2].T.expand(-1, count)], -1)
    below = torch.cat([table[-2:-1].T[:, None].expand(-1, count, 1), differences], -1)
    return torch.cat([above[:, None], below], 1)


def layout_of(config):
    """The table of any BEiT."""
    classes = "ForImageClassification" in config.architectures[0]
    at = "beit." if classes else ""
    mean = config.use_mean_pooling
    found = Layout(
        block=at + "layers.{}", embed=partial(vit.embed, at + "embeddings", ["cls_token"]), qkv=vit.qkv, positions=None,
        head=bare, final=None if mean else at + "layernorm", lambdas=("lambda_1", "lambda_2"), bias=partial(bias, at))
    if config.use_absolute_position_embeddings:
        found = replace(found, positions=partial(vit.positions, at + "embeddings"))
    if classes:
        found = replace(found, head=partial(pooled, at) if mean else partial(linear_head, "classifier"))
    return found


def dumped(model, prompt):
    return dump(layout_of(model.config), model, prompt)


def make(name, seed, sizes):
    import transformers

    return scramble(getattr(transformers, name)(transformers.BeitConfig(**SIZES, **sizes)), seed)


def processor():
    return processed("BeitImageProcessor", **PROCESSOR)


def tiny(folder, name, load, seed, **sizes):
    return TinyModel(
        folder, partial(make, name, seed, sizes), dumped, kind="vision", load=load, lens=None,
        prompts=lambda: image_prompts(processor()[0], 4, ["[CLS]"], seed + 60), processor=lambda: processor()[1])


MODELS = [
    tiny("beit", "BeitForImageClassification", vit.load, 20240571, hidden_size=20, num_attention_heads=4,
         intermediate_size=34, use_relative_position_bias=True, num_labels=5),
    tiny("beit-shared", "BeitModel", vit.load_bare, 20240572, hidden_size=18, num_attention_heads=3, intermediate_size=30,
         use_relative_position_bias=True, use_shared_relative_position_bias=True),
    tiny("beit-absolute", "BeitForImageClassification", vit.load, 20240573, hidden_size=18, num_attention_heads=3,
         intermediate_size=30, use_absolute_position_embeddings=True, use_shared_relative_position_bias=True,
         layer_scale_init_value=0.0, use_mean_pooling=False, num_labels=3),
]
