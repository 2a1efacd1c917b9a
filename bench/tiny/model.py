"""What a family's file gives: tiny models, each with how it is made, stored, run and dumped."""
import json
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

import torch

PROMPTS = [{"ids": [3, 17, 42, 5, 28, 50, 11]}, {"ids": [9, 0, 52, 31]}]


def load_decoder(folder, dtype):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager")


@dataclass
class TinyModel:
    """make: () -> the random model. save: (model, folder), where not save_pretrained.

    older: changes config.json's fields, in place, to what published checkpoints have; it runs before
    load, so that the reference itself reads the older form. older_processor: likewise.
    dump: (model, prompt) -> (outputs, points), both name to tensor. prompts: what the dump says was run.
    processor: () -> transformers' processor of images.
    lens: hook name here, without its block, to TransformerLens's, where they differ; None where it has no
    such family. lens_input: prompt -> what run_with_cache takes.
    """
    folder: str
    make: Callable[[], Any]
    dump: Callable
    prompts: Callable[[], list] = lambda: PROMPTS
    kind: str = "decoder"
    library: str = "transformers"
    older: Optional[Callable[[dict], None]] = None
    load: Callable = load_decoder
    save: Callable = lambda model, folder: model.save_pretrained(folder)
    processor: Optional[Callable] = None
    older_processor: Optional[Callable[[dict], None]] = None
    lens: Optional[dict] = field(default_factory=dict)
    lens_input: Callable = lambda prompt: {"input": torch.tensor([prompt["ids"]])}


def older_rope(config):
    """rope_theta and rope_scaling at the top, and torch_dtype, as transformers 4 wrote them."""
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = None if rope["rope_type"] == "default" else rope
    config["torch_dtype"] = config.pop("dtype")


def rewrite(path, change):
    """Applies change to the fields of a JSON file."""
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    change(config)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file, indent=2, sort_keys=True)
        file.write("\n")
