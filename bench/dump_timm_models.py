"""Writes the arguments that timm's entry points give its plain vision transformers.

    python dump_timm_models.py --out ../engine/src/main/resources/dev/kausal/engine/config/timm-models.json

A config of timm's names an entry point; its model_args are what differs from these. Tables: the defaults of the model's class
and of pretrained_cfg, older names of entry points, and the arguments by entry point. Layers are written by name.
"""
import argparse
import dataclasses
import functools
import inspect
import json

import timm
from timm.models import deit, vision_transformer
from timm.models._pretrained import PretrainedCfg
from timm.models._registry import get_deprecated_models, split_model_name_tag

MODULES = (vision_transformer, deit)
OF_CALL = ("pretrained_cfg", "pretrained_cfg_overlay", "feature_cfg", "pretrained_filter_fn", "pretrained_strict", "cache_dir",
           "device", "dtype")


def plain(value):
    """A value as JSON holds it: layers by name, with what they are given."""
    if isinstance(value, functools.partial):
        return {"layer": plain(value.func), **{name: plain(given) for name, given in value.keywords.items()}}
    if inspect.isclass(value) or inspect.isfunction(value):
        return value.__name__
    return list(value) if isinstance(value, tuple) else value


def arguments(name, module):
    """What an entry point calls the builder with."""
    seen = {}

    def build(model_class, variant, pretrained, **kwargs):
        seen.update(distilled=model_class is deit.VisionTransformerDistilled, arguments={
            key: plain(value) for key, value in kwargs.items() if key not in OF_CALL and value is not None})

    original, module.build_model_with_cfg = module.build_model_with_cfg, build
    try:
        getattr(module, name)()
    finally:
        module.build_model_with_cfg = original
    return {**seen["arguments"], **({"distilled": True} if seen["distilled"] else {})}


def defaults():
    parameters = inspect.signature(vision_transformer.VisionTransformer.__init__).parameters
    return {name: plain(p.default) for name, p in parameters.items() if name not in ("self", *OF_CALL)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    models = {name: arguments(name, module) for module in MODULES
              for name in timm.list_models(module=module.__name__.split(".")[-1])}
    renamed = {old: split_model_name_tag(new)[0] for module in MODULES
               for old, new in get_deprecated_models(module.__name__.split(".")[-1]).items() if new}
    pretrained = {f.name: plain(f.default) for f in dataclasses.fields(PretrainedCfg)}
    with open(options.out, "w", encoding="utf-8") as file:
        file.write(f'{{"library": "timm {timm.__version__}",\n')
        file.write(f' "defaults": {json.dumps(defaults(), sort_keys=True)},\n')
        file.write(f' "renamed": {json.dumps(renamed, sort_keys=True)},\n')
        file.write(f' "pretrained_cfg": {json.dumps(pretrained, sort_keys=True)},\n "models": {{\n')
        file.write(",\n".join(f'  "{name}": {json.dumps(models[name], sort_keys=True)}' for name in sorted(models)))
        file.write("\n }\n}\n")


if __name__ == "__main__":
    main()
