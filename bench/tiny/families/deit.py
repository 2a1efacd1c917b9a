"""DeiT, in transformers' naming: ViT with a distillation token after [CLS].

Reads: what ViT's does. preprocessor_config.json besides: do_center_crop, crop_size (a number in older
files); size there is the square (or rectangle) to which the picture is stretched before the crop.
Position embeddings have two rows before the patches. Resampling as for ViT.
Heads: DeiTForImageClassificationWithTeacher: the mean of cls_classifier of the first row and
distillation_classifier of the second. DeiTForImageClassification: classifier of the first row.
"""
from functools import partial

from tiny.families import vit
from tiny.images import processed
from tiny.model import TinyModel
from tiny.points import close
from tiny.vision import Layout, classify, dump, image_prompts
from tiny.weights import scramble

PROCESSOR = dict(size={"height": 15, "width": 15}, resample=3, do_center_crop=True,
                 crop_size={"height": 12, "width": 12}, image_mean=[0.485, 0.456, 0.406],
                 image_std=[0.229, 0.224, 0.225])


def taught(points, run, model, rows):
    cls = classify(rows[0], model.cls_classifier)
    distillation = classify(rows[1], model.distillation_classifier)
    close((cls + distillation) / 2, run.result.logits[0], "logits")
    return {"logits": run.result.logits[0], "cls_logits": run.result.cls_logits[0],
            "distillation_logits": run.result.distillation_logits[0]}


LAYOUT = Layout(
    block="deit.layers.{}", embed=partial(vit.embed, "deit.embeddings", ["cls_token", "distillation_token"]),
    positions=partial(vit.positions, "deit.embeddings"), qkv=vit.qkv, head=taught, final="deit.layernorm")


def deit():
    from transformers import DeiTConfig, DeiTForImageClassificationWithTeacher

    return scramble(DeiTForImageClassificationWithTeacher(DeiTConfig(
        hidden_size=18, num_hidden_layers=2, num_attention_heads=3, intermediate_size=30, image_size=12,
        patch_size=4, num_channels=3, layer_norm_eps=1e-12, num_labels=5, dtype="float32")), 20240542)


def load(folder, dtype):
    from transformers import DeiTForImageClassificationWithTeacher

    return DeiTForImageClassificationWithTeacher.from_pretrained(folder, dtype=dtype, attn_implementation="eager")


def older_processor(settings):
    """As transformers 4.20 wrote it."""
    settings.pop("image_processor_type")
    settings["feature_extractor_type"] = "DeiTFeatureExtractor"
    settings["size"], settings["crop_size"] = settings["size"]["height"], settings["crop_size"]["height"]
    settings.pop("do_rescale")
    settings.pop("rescale_factor")


MODELS = [TinyModel(
    "deit", deit, partial(dump, LAYOUT), kind="vision", load=load, lens=None,
    older_processor=older_processor,
    prompts=lambda: image_prompts(processed("DeiTImageProcessor", **PROCESSOR)[0], 4, ["[CLS]", "[DIST]"], 20240603),
    processor=lambda: processed("DeiTImageProcessor", **PROCESSOR)[1])]
