"""The towers of images of CLIP and SigLIP, in transformers' naming.

Reads: num_hidden_layers, num_attention_heads, hidden_size, intermediate_size, hidden_act, layer_norm_eps, image_size,
patch_size, num_channels; CLIP projection_dim, SigLIP vision_use_head (absent: true). A file of both towers has these
fields in vision_config, and the other tower's tensors, which are not read.
CLIP: class_embedding before the patches, no bias of the patch projection, pre_layrnorm (so spelt) of the sum: embed.ln.
post_layernorm of the first row alone: ln_final; last_hidden_state are rows before it, pooler.hook_pooler_out is its
output. CLIPVisionModelWithProjection: that row times visual_projection, the embedding that is compared with texts'.
SigLIP: nothing before the patches; post_layernorm of every row: ln_final; head, one learned query that attends to all,
an MLP behind it: pooler.hook_pooler_out.
Other image sizes: position embeddings resampled, bicubic, align_corners false, no antialias.
"""
from dataclasses import replace
from functools import partial

import torch

from tiny.families import vit
from tiny.images import processed
from tiny.model import TinyModel
from tiny.points import close
from tiny.vision import Layout, dump, image_prompts, patches
from tiny.weights import scramble

SIZES = dict(num_hidden_layers=2, image_size=12, patch_size=4, dtype="float32")


def embed(at, run, model):
    token = getattr(model.get_submodule(at), "class_embedding", None)
    found = patches(run.out(at + ".patch_embedding"))
    return found if token is None else torch.cat([token[None], found])


def positions(at, model, prompt):
    embeddings = model.get_submodule(at)
    if not prompt["resampled"]:
        return embeddings.position_embedding.weight
    _, height, width = prompt["pixel_values"].shape
    count = prompt["grid"][0] * prompt["grid"][1] + hasattr(embeddings, "class_embedding")
    return embeddings.interpolate_pos_encoding(torch.empty(1, count, model.config.hidden_size), height, width)[0]


def first_row(at, points, run, model, rows):
    """CLIP's: the norm of the first row, and its projection where there is one."""
    name = at + "post_layernorm"
    row = points.norm("ln_final", rows[0], model.get_submodule(name), run.out(name))
    if hasattr(model, "visual_projection"):
        embedding = run.result.image_embeds[0]
        close(row @ model.visual_projection.weight.T, embedding, "image_embeds")
        points.pull_outputs(row @ model.visual_projection.weight.T)
        return {"image_embeds": embedding}
    points["pooler.hook_pooler_out"] = row
    close(rows, run.result.last_hidden_state[0], "last_hidden_state")
    close(row, run.result.pooler_output[0], "pooler_output")
    return {"last_hidden_state": run.result.last_hidden_state[0], "pooler_output": run.result.pooler_output[0]}


def pooled(points, run, model, rows):
    """SigLIP's."""
    close(rows, run.result.last_hidden_state[0], "last_hidden_state")
    found = {"last_hidden_state": run.result.last_hidden_state[0]}
    if not model.use_head:
        return found
    points["pooler.hook_pooler_out"] = model.head(rows[None])[0]
    close(points["pooler.hook_pooler_out"], run.result.pooler_output[0], "pooler_output")
    return {**found, "pooler_output": run.result.pooler_output[0]}


def layout_of(config):
    """The table of any of the towers."""
    at = "vision_model." if config.architectures[0].endswith("WithProjection") else ""
    found = Layout(
        block=at + "encoder.layers.{}", embed=partial(embed, at + "embeddings"), positions=partial(positions, at + "embeddings"),
        qkv=vit.qkv, head=pooled, final="post_layernorm", ln1="layer_norm1", ln2="layer_norm2", attention="self_attn",
        output="self_attn.out_proj", activation=config.hidden_act)
    if config.model_type == "clip_vision_model":
        found = replace(found, head=partial(first_row, at), final=None, first=at + "pre_layrnorm")
    return found


def dumped(model, prompt):
    return dump(layout_of(model.config), model, prompt)


def make(name, seed, sizes):
    import transformers

    config = getattr(transformers, name.split("Model")[0] + "Config")
    return scramble(getattr(transformers, name)(config(**SIZES, **sizes)), seed)


def load(name, folder, dtype):
    import transformers

    return getattr(transformers, name).from_pretrained(folder, dtype=dtype, attn_implementation="eager")


def tiny(folder, name, prefix, processor, seed, **sizes):
    return TinyModel(
        folder, partial(make, name, seed, sizes), dumped, kind="vision", load=partial(load, name), lens=None,
        prompts=lambda: image_prompts(processor()[0], 4, prefix, seed + 60), processor=lambda: processor()[1])


def clip_processor():
    return processed("CLIPImageProcessor", size={"shortest_edge": 13}, crop_size={"height": 12, "width": 12})


def siglip_processor():
    return processed("SiglipImageProcessor", size={"height": 12, "width": 12})


MODELS = [
    tiny("clip", "CLIPVisionModel", ["[CLS]"], clip_processor, 20240581, hidden_size=20, num_attention_heads=4,
         intermediate_size=34),
    tiny("clip-projection", "CLIPVisionModelWithProjection", ["[CLS]"], clip_processor, 20240582, hidden_size=18,
         num_attention_heads=3, intermediate_size=30, projection_dim=7),
    tiny("siglip", "SiglipVisionModel", [], siglip_processor, 20240583, hidden_size=18, num_attention_heads=3,
         intermediate_size=30),
]
