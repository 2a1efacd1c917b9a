"""Cases of make_vision_files.py: one class of transformers or one architecture of timm's, and what is changed in its files."""
import json
import os
from dataclasses import dataclass, field
from typing import Callable, Optional

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tiny.images import picture
from tiny.model import rewrite
from tiny.weights import scramble

SEED = 20260101


@dataclass
class Case:
    """make: () -> the random model. without: beginnings of tensors' names that the file lacks; extra: tensors that it has
    besides. dropped: fields that config.json lacks; fields: what it has instead or besides. processor: class and
    settings; processor_dropped and processor_fields as for config.json. mode: Pillow's mode of the picture that the processor is given. size: of random pixels [rows, columns].
    call: what the model is called with besides pixel_values. renamed: a beginning of tensors' names in the file, and another.
    """
    name: str
    make: Callable
    without: tuple = ()
    extra: dict = field(default_factory=dict)
    dropped: tuple = ()
    fields: dict = field(default_factory=dict)
    processor: Optional[tuple] = None
    processor_dropped: tuple = ()
    processor_fields: dict = field(default_factory=dict)
    mode: str = "RGB"
    channels: int = 3
    size: Optional[tuple] = None
    call: dict = field(default_factory=dict)
    read_as: Optional[str] = None
    renamed: Optional[tuple] = None

    def save(self, folder):
        self.make().save_pretrained(folder)
        weights = os.path.join(folder, "model.safetensors")
        kept = {name: value for name, value in load_file(weights).items() if not name.startswith(self.without or "/")}
        if self.renamed:
            own, other = self.renamed
            kept = {other + name[len(own):] if name.startswith(own) else name: value for name, value in kept.items()}
        generator = torch.Generator().manual_seed(SEED + 1)
        more = {name: torch.randn(shape, generator=generator) for name, shape in self.extra.items()}
        save_file({**kept, **more}, weights, {"format": "pt"})
        rewrite(os.path.join(folder, "config.json"), self._change)
        if self.processor:
            import transformers

            getattr(transformers, self.processor[0])(**self.processor[1]).save_pretrained(folder)
            rewrite(os.path.join(folder, "preprocessor_config.json"), self._change_processor)

    def _change(self, config):
        for name in (*self.dropped, "transformers_version"):
            config.pop(name, None)
        config.update(self.fields)

    def _change_processor(self, settings):
        for name in self.processor_dropped:
            settings.pop(name, None)
        settings.update(self.processor_fields)

    def pixels(self, folder):
        if not self.processor:
            generator = torch.Generator().manual_seed(SEED + 2)
            return torch.randn(self.channels, *(self.size or (12, 12)), generator=generator)
        import transformers

        name = self.processor[0] + ("Pil" if hasattr(transformers, self.processor[0] + "Pil") else "")
        pillow = getattr(transformers, name).from_pretrained(folder)
        return pillow(picture().convert(self.mode), return_tensors="pt")["pixel_values"][0]

    def expected(self, folder):
        import transformers

        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            name = self.read_as or json.load(file)["architectures"][0]
        model = getattr(transformers, name).from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager").eval()
        pixels = self.pixels(folder)
        result = model(pixel_values=pixels[None], **self.call)
        with safe_open(os.path.join(folder, "model.safetensors"), "pt") as file:
            stored = any("pooler." in name for name in file.keys())
        return pixels, outputs(result, drawn=getattr(model, "pooler", None) is not None and not stored)


def outputs(result, drawn):
    """Logits or hidden states. drawn: the file has no pooler, so that the library draws one at random."""
    if "logits" in result:
        return {"logits": result.logits[0]}
    if "image_embeds" in result:
        return {"logits": result.image_embeds[0]}
    found = {"last_hidden_state": result.last_hidden_state[0]}
    pooled = result.get("pooler_output")
    return found if drawn or pooled is None else {**found, "pooler_output": pooled[0]}


def hugging_face(name, sizes, seed=SEED, **more):
    """A random model of class NAME; its config's class has the same name up to Model or For."""
    def make():
        import transformers

        config = getattr(transformers, name.split("Model")[0].split("For")[0] + "Config")(**sizes)
        return scramble(getattr(transformers, name)(config, **more), seed)
    return make


def both_towers(name, sizes, model=None, **more):
    """A random model of images and texts, or of what such a model's config describes."""
    def make():
        import transformers

        texts = dict(vocab_size=30, hidden_size=8, intermediate_size=12, num_hidden_layers=1, num_attention_heads=2,
                     max_position_embeddings=6)
        config = getattr(transformers, name + "Config")(
            vision_config=dict(sizes), text_config=texts, projection_dim=sizes.get("projection_dim", 7), **more)
        return scramble(getattr(transformers, model or name + "Model")(config), SEED)
    return make


CLIP = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20, image_size=12, patch_size=4,
            projection_dim=7)
SIGLIP = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20, image_size=12, patch_size=4)
VIT = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20, image_size=12, patch_size=4,
           num_labels=3)
DINO = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, mlp_ratio=2, image_size=12, patch_size=4,
            num_labels=3)

DINO3 = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20, image_size=12, patch_size=4,
             num_register_tokens=3)
BEIT = dict(VIT, use_relative_position_bias=True)

SMALL = dict(embed_dim=12, depth=2, num_heads=3, mlp_ratio=1.5, img_size=12, patch_size=4, num_classes=3)
GREY = dict(image_mean=[0.45], image_std=[0.3])

@dataclass
class TimmCase:
    """architecture and arguments of a random model of timm's; data: what differs from its pretrained_cfg. fields: what
    config.json has instead or besides; dropped: what it lacks; arguments_of_file: model_args in the file, where not arguments.
    """
    name: str
    architecture: str
    arguments: dict
    data: dict = field(default_factory=dict)
    fields: dict = field(default_factory=dict)
    dropped: tuple = ()
    arguments_of_file: Optional[dict] = None
    size: Optional[tuple] = None

    def save(self, folder):
        import timm
        from timm.models import save_for_hf

        model = scramble(timm.create_model(self.architecture, pretrained_cfg_overlay=self.data, **self.arguments), SEED)
        arguments = self.arguments if self.arguments_of_file is None else self.arguments_of_file
        save_for_hf(model, folder, safe_serialization=True, model_config={"model_args": arguments})
        rewrite(os.path.join(folder, "config.json"), self._change)

    def _change(self, config):
        for name in self.dropped:
            config.pop(name, None)
        config.update(self.fields)

    def expected(self, folder):
        import timm
        from timm.data import create_transform
        from timm.data.model_config import resolve_input_data_config

        model = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
        if self.size:
            generator = torch.Generator().manual_seed(SEED + 2)
            pixels = torch.randn(model.in_chans, *self.size, generator=generator)
        else:
            image = picture().convert("L" if model.in_chans == 1 else "RGB")
            pixels = create_transform(**resolve_input_data_config(model))(image)
        if model.num_classes:
            return pixels, {"logits": model(pixels[None])[0]}
        found = {"last_hidden_state": model.forward_features(pixels[None])[0]}
        return pixels, {**found, "pooler_output": model(pixels[None])[0]}


CASES = [
    Case("dinov2-registers-classes", hugging_face(
        "Dinov2WithRegistersForImageClassification", dict(DINO, num_register_tokens=3))),
    Case("dinov2-registers-classes-default", hugging_face(
        "Dinov2WithRegistersForImageClassification", dict(DINO, num_register_tokens=4, patch_size=16, image_size=32)),
        dropped=("num_register_tokens", "patch_size", "layer_norm_eps", "qkv_bias", "use_swiglu_ffn", "hidden_act",
                 "num_channels"), size=(32, 32)),
    Case("dinov2-base-of-classifier", hugging_face("Dinov2ForImageClassification", DINO), without=("classifier",),
         fields={"architectures": ["Dinov2Model"]}),
    Case("dinov2-default", hugging_face("Dinov2Model", dict(DINO, patch_size=14, image_size=28)),
         dropped=("patch_size", "layer_norm_eps", "qkv_bias", "hidden_act", "num_channels"), size=(28, 28)),
    Case("vit-pooler", hugging_face("ViTModel", VIT)),
    Case("vit-pooler-relu", hugging_face("ViTModel", dict(VIT, pooler_act="relu"))),
    Case("vit-no-pooler", hugging_face("ViTModel", VIT), without=("pooler.",)),
    Case("vit-mask-token", hugging_face("ViTModel", VIT, use_mask_token=True)),
    Case("vit-base-of-classifier", hugging_face("ViTForImageClassification", VIT), without=("classifier",),
         fields={"architectures": ["ViTModel"]}),
    Case("vit-head-dim", hugging_face("ViTModel", dict(VIT, head_dim=5))),
    Case("deit-pooler", hugging_face("DeiTModel", VIT)),
    Case("deit-no-pooler", hugging_face("DeiTModel", VIT, use_mask_token=True), without=("pooler.",)),
    Case("vit-grey", hugging_face("ViTForImageClassification", dict(VIT, num_channels=1)), channels=1, mode="L",
         processor=("ViTImageProcessor", dict(GREY, size={"height": 12, "width": 12}))),
    Case("vit-grey-one-number", hugging_face("ViTForImageClassification", dict(VIT, num_channels=1)), channels=1, mode="L",
         processor=("ViTImageProcessor", dict(size={"height": 12, "width": 12}, image_mean=0.4, image_std=0.3))),
    Case("deit-processor-default", hugging_face("DeiTForImageClassification", VIT), processor=("DeiTImageProcessor", dict(
        size={"height": 16, "width": 15}, crop_size={"height": 12, "width": 12})), processor_dropped=(
            "do_center_crop", "image_mean", "image_std", "resample", "do_resize", "rescale_factor")),
    Case("dinov2-older-processor", hugging_face("Dinov2Model", dict(DINO)), processor=("BitImageProcessor", dict(
        size={"shortest_edge": 14}, crop_size={"height": 12, "width": 12})), processor_dropped=(
            "image_processor_type", "do_center_crop", "image_mean", "image_std"), processor_fields=dict(size=14, crop_size=12)),
    Case("dinov3-default", hugging_face("DINOv3ViTModel", dict(DINO3, patch_size=16, image_size=32)), dropped=(
        "patch_size", "rope_theta", "layer_norm_eps", "key_bias", "query_bias", "mlp_bias", "hidden_act", "num_channels",
        "use_gated_mlp", "layerscale_value"), size=(48, 32)),
    Case("dinov3-library-names", hugging_face("DINOv3ViTModel", DINO3), renamed=("layer.", "model.layer.")),
    Case("dinov3-bicubic", hugging_face("DINOv3ViTModel", DINO3), processor=("DINOv3ViTImageProcessor", dict(
        size={"height": 40, "width": 16}, resample=3))),
    Case("dinov3-shorter-side", hugging_face("DINOv3ViTModel", dict(DINO3, patch_size=3)), processor=(
        "DINOv3ViTImageProcessor", dict(size={"shortest_edge": 9}, image_mean=[0.4, 0.5, 0.6], image_std=[0.2, 0.3, 0.4]))),
    Case("dinov3-as-it-is", hugging_face("DINOv3ViTModel", dict(DINO3, patch_size=1, image_size=8)), processor=(
        "DINOv3ViTImageProcessor", dict(do_resize=False))),
    Case("dinov3-grey", hugging_face("DINOv3ViTModel", dict(DINO3, num_channels=1)), channels=1, mode="L", processor=(
        "DINOv3ViTImageProcessor", dict(GREY, size={"height": 12, "width": 12}))),
    Case("beit-default", hugging_face("BeitForImageClassification", dict(VIT, patch_size=16, image_size=32)), dropped=(
        "patch_size", "layer_norm_eps", "use_relative_position_bias", "use_shared_relative_position_bias", "use_mean_pooling",
        "use_absolute_position_embeddings", "layer_scale_init_value", "hidden_act", "num_channels", "use_mask_token"),
        size=(32, 32)),
    Case("beit-wide", hugging_face("BeitForImageClassification", dict(BEIT, image_size=[8, 20])), size=(8, 20)),
    Case("beit-wide-other", hugging_face("BeitForImageClassification", dict(BEIT, image_size=[8, 20])), size=(16, 12)),
    Case("beit-larger", hugging_face("BeitModel", dict(BEIT, use_mean_pooling=False, use_mask_token=True)), size=(24, 32),
         call=dict(interpolate_pos_encoding=True)),
    Case("beit-absolute-other", hugging_face("BeitForImageClassification", dict(
        BEIT, use_absolute_position_embeddings=True, use_mean_pooling=False)), size=(20, 8)),
    Case("beit-index", hugging_face("BeitForImageClassification", BEIT), extra={
        "beit.encoder.layer.0.attention.attention.relative_position_bias.relative_position_index": (10, 10)}),
    Case("beit-base-of-classifier", hugging_face("BeitForImageClassification", BEIT), without=("classifier",),
         fields={"architectures": ["BeitModel"]}),
    Case("beit-processor-default", hugging_face("BeitForImageClassification", BEIT), processor=("BeitImageProcessor", dict(
        size={"height": 16, "width": 15}, crop_size={"height": 12, "width": 12}, do_center_crop=True)), processor_dropped=(
            "image_mean", "image_std", "resample", "do_resize", "rescale_factor")),
    Case("deit-first-row-classes", hugging_face("DeiTForImageClassification", VIT)),
    Case("clip-tower", hugging_face("CLIPVisionModel", CLIP), processor=("CLIPImageProcessor", dict(
        size={"shortest_edge": 13}, crop_size={"height": 12, "width": 12}))),
    Case("clip-projection", hugging_face("CLIPVisionModelWithProjection", CLIP)),
    Case("clip-both-towers", both_towers("CLIP", CLIP), read_as="CLIPVisionModelWithProjection"),
    Case("siglip-tower", hugging_face("SiglipVisionModel", SIGLIP), processor=("SiglipImageProcessor", dict(
        size={"height": 12, "width": 12}))),
    Case("siglip-no-pool", hugging_face("SiglipVisionModel", dict(SIGLIP, vision_use_head=False))),
    Case("siglip-both-towers", both_towers("Siglip", SIGLIP), read_as="SiglipVisionModel"),
    Case("siglip-classes", both_towers("Siglip", SIGLIP, "SiglipForImageClassification", num_labels=3)),
    *(TimmCase(name, architecture, {**SMALL, **arguments}, **more) for name, architecture, arguments, more in [
        ("timm-grey", "vit_tiny_patch16_224", dict(in_chans=1), {}),
        ("timm-grey-mean", "vit_tiny_patch16_224", dict(in_chans=1), dict(data=dict(mean=(0.45,), std=(0.3,)))),
        ("timm-training-arguments", "vit_tiny_patch16_224", dict(
            drop_path_rate=0.1, drop_rate=0.1, pos_drop_rate=0.1, patch_drop_rate=0.1, attn_drop_rate=0.1,
            proj_drop_rate=0.1, weight_init="skip", fix_init=True), {}),
        ("timm-deit3", "deit3_small_patch16_224", {}, {}),
        ("timm-dinov2", "vit_small_patch14_dinov2", {}, {}),
        ("timm-dinov2-no-head-reg4", "vit_small_patch14_reg4_dinov2", dict(num_classes=0), {}),
        ("timm-dinov2-giant", "vit_giant_patch14_dinov2", dict(embed_dim=12, mlp_ratio=2.66667 * 2), {}),
        ("timm-clip-gelu", "vit_base_patch16_clip_224", {}, dict(data=dict(crop_mode="squash"))),
        ("timm-siglip-no-head", "vit_base_patch16_siglip_224", dict(num_classes=0), {}),
        ("timm-siglip-gap", "vit_base_patch16_siglip_gap_224", {}, {}),
        ("timm-siglip2", "vit_base_patch16_siglip_256", dict(num_classes=0), dict(fields=dict(
            architecture="vit_base_patch16_siglip_256.v2_webli"))),
        ("timm-miil", "vit_base_patch16_224_miil", {}, {}),
        ("timm-older-name", "vit_base_patch16_224", {}, dict(fields=dict(architecture="vit_base_patch16_224_in21k"))),
        ("timm-tagged", "vit_base_patch16_224", {}, dict(fields=dict(
            architecture="vit_base_patch16_224.augreg_in21k"))),
        ("timm-dynamic", "vit_tiny_patch16_224", dict(dynamic_img_size=True), dict(size=(20, 8))),
        ("timm-wide", "vit_tiny_patch16_224", dict(img_size=(8, 16)), {}),
        ("timm-wide-squash", "vit_tiny_patch16_224", dict(img_size=(16, 8)), dict(data=dict(crop_mode="squash"))),
        ("timm-token-fc-norm", "vit_tiny_patch16_224", dict(fc_norm=True), {}),
        ("timm-avg-no-head", "vit_tiny_patch16_224", dict(global_pool="avg", num_classes=0), {}),
        ("timm-rms", "vit_tiny_patch16_224", dict(norm_layer="rmsnorm", act_layer="relu", proj_bias=False), {}),
    ]),
]
