"""Vision transformers in timm's naming.

config.json reads: architecture (an entry point of timm's, whose arguments are in timm-models.json; bench/dump_timm_models.py
writes it), model_args (what differs from that), num_classes, pretrained_cfg: input_size [channels, rows, columns] (which
is also the model's img_size where fixed_input_size), interpolation, crop_pct, crop_mode, mean, std, and test_* variants,
which are not used here. global_pool at the top is not read by timm.
Weights: qkv in one: queries, keys, values. norm_layer: LayerNorm with epsilon 1e-6 unless told otherwise (CLIP's: 1e-5), in
blocks, queries' and keys' norms, norm, norm_pre and fc_norm. act_layer: gelu (exact), gelu_tanh, quick_gelu.
mlp_layer: SwiGLUPacked has fc1 of gate and ungated branch (half of int(dim * mlp_ratio) each), SwiGLU fc1_g and fc1_x.
Tokens: cls_token (class_token false: none), reg_token, patches; in distilled models dist_token after
cls_token. pos_embed covers all of them; with no_embed_class (one row per patch) the patches only. pre_norm: norm_pre of
the sum, and no bias of the patch projection.
Other image sizes: pos_embed of the patches resampled, bicubic, align_corners false, antialias.
Heads: global_pool "token": norm, first row, head. "avg": mean of the patches (not of cls and registers);
norm stands before the mean (fc_norm false) or after it as fc_norm (fc_norm absent), which is ln_final
here; pooler.hook_pooler_out is the mean. "map": attn_pool, one learned query (latent) that attends to the patches, then an MLP
with a residual connection; pooler.hook_pooler_out is what it gives. Distilled: mean of head of the first row and head_dist
of the second. num_classes 0: no head.
Pictures: resized (interpolation) so that the shorter side is floor(input / crop_pct), centre cropped; where the input is no
square, so that it is just covered; crop_mode squash: stretched.
Refuse: global_pool "avgmax", "max", "prr" or ""; patch_embed.norm; pos_embed "none"; scale_attn_norm; scale_mlp_norm;
crop_mode "border"; parallel blocks; any architecture that is not in the table.
"""
from functools import partial

import torch

from tiny.images import picture
from tiny.model import TinyModel
from tiny.points import close
from tiny.run import Run
from tiny.vision import Layout, classify, dump, image_prompts, linear_head, patches, pooled_head
from tiny.weights import scramble

ACTIVATIONS = {"GELU": "gelu", "GELUTanh": "gelu_pytorch_tanh", "QuickGELU": "quick_gelu", "SiLU": "silu"}
DATA = dict(input_size=(3, 12, 12), interpolation="bicubic", crop_pct=0.9, mean=(0.5, 0.45, 0.4), std=(0.25, 0.3, 0.35))


def read(folder, **more):
    import timm

    return timm.create_model(f"local-dir:{folder}", pretrained=True, **more).eval()


def save(architecture, arguments, model, folder):
    from timm.models import save_for_hf

    save_for_hf(model, folder, safe_serialization=True, model_config={"model_args": arguments})


def make(architecture, seed, arguments):
    import timm

    return scramble(timm.create_model(architecture, pretrained_cfg_overlay=DATA, **arguments), seed)


def transformed(model):
    """The picture as timm's own transform makes it."""
    import timm.data

    config = timm.data.resolve_data_config(model.pretrained_cfg)
    return timm.data.create_transform(**config)(picture())


def run(model, prompt):
    return Run(model, {"x": prompt["pixel_values"][None]}, attentions=False)


def embed(model_run, model):
    before = [getattr(model, name, None) for name in ("cls_token", "dist_token", "reg_token")]
    return torch.cat([*(token[0] for token in before if token is not None),
                      patches(model_run.out("patch_embed.proj"))])


def positions(model, prompt):
    table = model.pos_embed[0]
    missing = len(prompt["prefix"]) + prompt["grid"][0] * prompt["grid"][1] - len(table)
    return torch.cat([torch.zeros(missing, table.shape[1]), table])


def mean_head(after, points, model_run, model, rows):
    """A classifier of the patches' mean. after: whether the norm comes after it."""
    row = points["pooler.hook_pooler_out"] = rows[model.num_prefix_tokens:].mean(0)
    if after:
        row = points.norm("ln_final", row, model.fc_norm, model_run.out("fc_norm"))
    return pooled_head(points, model_run, row, model.head)


def attention_head(points, model_run, model, rows):
    """A classifier of what attention pools."""
    row = points["pooler.hook_pooler_out"] = model_run.outputs["attn_pool"]
    close(model.attn_pool(rows[None, model.num_prefix_tokens:])[0], row, "attn_pool")
    return pooled_head(points, model_run, row, model.head)


def distilled_head(points, model_run, model, rows):
    close((classify(rows[0], model.head) + classify(rows[1], model.head_dist)) / 2, model_run.result[0], "logits")
    return {"logits": model_run.result[0]}


def sized(model, prompt):
    """The model for images of the prompt's size: in timm another size is another model."""
    _, height, width = prompt["pixel_values"].shape
    return read(model.folder, img_size=(height, width)) if prompt["resampled"] else model


def layout_of(model):
    """The table of any plain vision transformer of timm's."""
    from torch.nn import Identity

    head = partial(linear_head, "head")
    if getattr(model, "head_dist", None) is not None:
        head = distilled_head
    elif model.global_pool == "map":
        head = attention_head
    elif model.global_pool == "avg":
        head = partial(mean_head, not isinstance(model.fc_norm, Identity))
    return Layout(
        block="blocks.{}", first=None if isinstance(model.norm_pre, Identity) else "norm_pre",
        activation=ACTIVATIONS[type(model.blocks[0].mlp.act).__name__], embed=embed, positions=positions, head=head,
        final=None if isinstance(model.norm, Identity) else "norm", ln1="norm1", ln2="norm2",
        attention="attn", output="attn.proj", qkv=lambda r, at: r.out(at + ".qkv").chunk(3, -1),
        scales=(None, None, None) if isinstance(model.blocks[0].ls1, Identity) else ("ls1", "ls2", "gamma"),
        query_norms=not isinstance(model.blocks[0].attn.q_norm, Identity), layers=lambda m: len(m.blocks),
        heads=lambda m: m.blocks[0].attn.num_heads, run=run)


def dumped(model, prompt):
    return dump(layout_of(model), model, prompt, sized=sized)


def tiny(folder, architecture, prefix, seed, **arguments):
    arguments = dict(embed_dim=18, depth=2, num_heads=3, mlp_ratio=1.5, img_size=12, patch_size=4,
                     num_classes=4, **arguments)
    model = partial(make, architecture, seed, arguments)
    return TinyModel(
        folder, model, dumped, kind="vision", library="timm", lens=None,
        load=load, save=partial(save, architecture, arguments),
        prompts=lambda: image_prompts(transformed(model()), 4, prefix, seed + 20))


def load(folder, dtype):
    """The model, which remembers where it is from: another image size is another model."""
    model = read(folder)
    model.folder = folder
    return model


MODELS = [
    tiny("timm-vit", "vit_tiny_patch16_224", ["[CLS]"], 20240551),
    tiny("timm-vit-qk-norm", "vit_tiny_patch16_224", ["[CLS]"], 20240552, qk_norm=True, qkv_bias=False),
    tiny("timm-vit-avg-registers", "vit_tiny_patch16_224", ["[CLS]", "[REG]", "[REG]"], 20240553,
         global_pool="avg", reg_tokens=2, no_embed_class=True, init_values=0.1),
    tiny("timm-vit-gap", "vit_tiny_patch16_224", [], 20240554, global_pool="avg", class_token=False, fc_norm=False),
    tiny("timm-clip", "vit_base_patch16_clip_quickgelu_224", ["[CLS]"], 20240556),
    tiny("timm-siglip", "vit_base_patch16_siglip_224", [], 20240557, act_layer="gelu_tanh"),
    tiny("timm-deit-distilled", "deit_tiny_distilled_patch16_224", ["[CLS]", "[DIST]"], 20240555),
]
