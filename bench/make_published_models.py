"""Makes a tiny random model for each config in a folder, and dumps the outputs that the reference library computes for it.

    python make_published_models.py --models ../engine/src/test/resources/published [--only NAME,...]

Each MODELS/NAME/config.json is a published model's, with smaller sizes and nothing else changed. Writes beside it
model.safetensors, dump.json and dump.safetensors; SHARDED in several files with an index. RESAVED has the tensor
names of a later library than the published file.
"""
import argparse
import glob
import json
import os
from dataclasses import dataclass

import torch
import transformers
from safetensors.torch import load_file, save_file

from tiny.files import clean, write_dump
from tiny.weights import scramble

SHARDED = ("llama-3.1-8b",)
RESAVED = ("gemma-3-4b-it-resaved",)
LENGTHS = (90, 5)


@dataclass
class Published:
    """What a dump says about its model."""
    folder: str
    kind: str = "decoder"
    library: str = "transformers"


def resaved(name):
    """A tensor's name in the files of multimodal models that transformers 4.52 to 4.57 wrote."""
    name = name.replace("language_model.model.", "model.language_model.").replace("vision_tower.", "model.vision_tower.")
    return name.replace("multi_modal_projector.", "model.multi_modal_projector.")


def rename(folder):
    path = os.path.join(folder, "model.safetensors")
    tensors = {resaved(name): value for name, value in load_file(path).items()}
    assert "model.language_model.norm.weight" in tensors, sorted(tensors)
    save_file(tensors, path, {"format": "pt"})


def make(folder, name):
    path = os.path.join(folder, "config.json")
    with open(path, encoding="utf-8") as file:
        published = file.read()
    config = json.loads(published)
    cls = getattr(transformers, config["architectures"][0])
    made = cls(transformers.AutoConfig.from_pretrained(folder)).float()
    scramble(made, sum(name.encode()), offset_norms=config["model_type"].startswith("gemma"))
    made.to(getattr(torch, config["torch_dtype"]))
    for old in glob.glob(os.path.join(folder, "*.safetensors*")):
        os.remove(old)
    made.save_pretrained(folder, **({"max_shard_size": "20KB"} if name in SHARDED else {}))
    clean(folder)
    with open(path, "w", encoding="utf-8") as file:
        file.write(published)
    if name in RESAVED:
        rename(folder)
    model, info = cls.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"], info
    text = getattr(model.config, "text_config", model.config)
    generator = torch.Generator().manual_seed(len(name))
    runs = []
    for length in LENGTHS:
        ids = torch.randint(text.vocab_size - 10, (length,), generator=generator).tolist()
        with torch.no_grad():
            logits = model.eval()(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
        runs.append(({"ids": ids}, {"logits": logits}, {}))
    write_dump(folder, Published(name), config["torch_dtype"], runs)
    sizes = {file: os.path.getsize(os.path.join(folder, file)) for file in sorted(os.listdir(folder))}
    print(name, sum(sizes.values()), sizes, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", required=True)
    parser.add_argument("--only", help="folders, with commas between them")
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for name in options.only.split(",") if options.only else sorted(os.listdir(options.models)):
        make(os.path.join(options.models, name), name)


if __name__ == "__main__":
    main()
