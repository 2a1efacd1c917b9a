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
    call: what the model is called with besides pixel_values.
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
    size: tuple = (12, 12)
    call: dict = field(default_factory=dict)
    read_as: Optional[str] = None

    def save(self, folder):
        self.make().save_pretrained(folder)
        weights = os.path.join(folder, "model.safetensors")
        kept = {name: value for name, value in load_file(weights).items() if not name.startswith(self.without or "/")}
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
            return torch.randn(self.channels, *self.size, generator=generator)
        import transformers

        pillow = getattr(transformers, self.processor[0] + "Pil").from_pretrained(folder)
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


VIT = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20, image_size=12, patch_size=4,
           num_labels=3)
DINO = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, mlp_ratio=2, image_size=12, patch_size=4,
            num_labels=3)

GREY = dict(image_mean=[0.45], image_std=[0.3])

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
    Case("deit-first-row-classes", hugging_face("DeiTForImageClassification", VIT)),
]
