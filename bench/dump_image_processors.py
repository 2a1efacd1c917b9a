"""Writes what transformers' image processors do where preprocessor_config.json leaves a field out.

    python dump_image_processors.py --out ../engine/src/main/resources/dev/kausal/engine/config/image-processors.json

Two tables: defaults by class of processor, and the class by model_type, for files that name none.
"""
import argparse
import json

import transformers
from transformers.image_utils import SizeDict
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES

MODEL_TYPES = "vit deit dinov2 dinov2_with_registers dinov3_vit beit clip_vision_model clip siglip_vision_model siglip".split()
FIELDS = ("do_convert_rgb", "do_resize", "size", "default_to_square", "resample", "do_center_crop", "crop_size", "do_rescale",
          "rescale_factor", "do_normalize", "image_mean", "image_std", "do_pad")


def plain(value):
    """A value as JSON holds it."""
    if isinstance(value, SizeDict):
        return {key: inner for key, inner in vars(value).items() if inner is not None}
    return int(value) if hasattr(value, "name") else list(value) if isinstance(value, tuple) else value


def defaults(name):
    processor = getattr(transformers, name)()
    found = {field: plain(getattr(processor, field, None)) for field in FIELDS}
    return {field: value for field, value in found.items() if value is not None}


def name_of(model_type):
    """The processor of a file that names none; None where the library finds none either."""
    found = IMAGE_PROCESSOR_MAPPING_NAMES.get(model_type) or IMAGE_PROCESSOR_MAPPING_NAMES.get(
        model_type.split("_vision")[0])
    if found is None:
        return None
    return found["torchvision"] if isinstance(found, dict) else next(name for name in found if name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    by_type = {model_type: name_of(model_type) for model_type in MODEL_TYPES if name_of(model_type)}
    table = {"library": f"transformers {transformers.__version__}", "models": by_type,
             "processors": {name: defaults(name) for name in sorted({*by_type.values(), "ViTImageProcessor"})}}
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(table, file, indent=1, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    main()
