"""Writes what transformers' configuration classes know: fields, defaults, other names of fields, rotary defaults.

    python dump_config_fields.py --out ../engine/src/main/resources/dev/kausal/engine/config/library-configs.json

The engine reads a field that config.json leaves out from this file, and refuses one that it does not compute.
"""
import argparse
import dataclasses
import json
import typing

import transformers
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

MODEL_TYPES = """
    llama mistral ministral qwen2 qwen3 smollm3 gemma gemma2 gemma3_text gemma3 olmo olmo2 olmo3 phi phi3 stablelm
    granite gpt2 gpt_neox gptj gpt_neo opt
    bert roberta xlm-roberta camembert distilbert electra modernbert deberta deberta-v2
    vit deit dinov2 dinov2_with_registers dinov3_vit beit clip_vision_model clip siglip_vision_model siglip
""".split()

# Base class fields that say how a pass is called or trained, not what it computes.
CALLING = {"transformers_version", "output_hidden_states", "return_dict", "dtype", "is_encoder_decoder"}


def default(field):
    """A field's default as JSON holds it; classes of nested configs have none here."""
    value = field.default
    if value is dataclasses.MISSING:
        value = field.default_factory() if field.default_factory is not dataclasses.MISSING else None
    return list(value) if isinstance(value, tuple) else value


def entry(model_type):
    config = CONFIG_MAPPING[model_type]
    fields = {f.name: default(f) for f in dataclasses.fields(config) if f.name not in CALLING}
    nullable = sorted(f.name for f in dataclasses.fields(config)
                      if f.name in fields and (fields[f.name] is None or type(None) in typing.get_args(f.type)
                                               or f.type is typing.Any or "None" in str(f.type)))
    found = {"aliases": dict(config.attribute_map), "defaults": fields, "nullable": nullable}
    rope = getattr(config(), "rope_parameters", None)
    if rope:
        found["rope"] = rope
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    table = {"library": f"transformers {transformers.__version__}",
             "models": {model_type: entry(model_type) for model_type in MODEL_TYPES}}
    with open(options.out, "w") as file:
        json.dump(table, file, indent=1, sort_keys=True, allow_nan=False)
        file.write("\n")


if __name__ == "__main__":
    main()
