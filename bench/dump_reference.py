"""Dumps what the reference library computes for a model: logits and every hook point, for './kausal certify'.

    python dump_reference.py --model FOLDER_OR_GGUF --out FILE [--text TEXT ...] [--ids 1,2,3 ...] [--image FILE ...]

Writes one safetensors file; what was run, and by which versions, is JSON in its metadata (bench/README.md). Without
inputs it runs two short texts, or an image of random pixels. --points keeps the hook points that match, --last the
outputs of the last position only: both for files that are to stay small.
"""
import argparse
import fnmatch
import json
import os

import torch
from safetensors.torch import save_file

from common import load_gguf, versions
from tiny.files import entries
from tiny.references import decoder_reader, open_folder

TEXTS = ["The Eiffel Tower is located in the city of", "Numbers such as 3.14 are split into several tokens."]


def opened(path):
    """The reader of a model, and its tokenizer where it has one."""
    if path.endswith(".gguf"):
        model, tokenizer = load_gguf(path)
        return decoder_reader(model), tokenizer
    reader = open_folder(path, torch.float32)
    if reader.kind == "vision" or not os.path.exists(os.path.join(path, "tokenizer.json")):
        return reader, None
    from transformers import PreTrainedTokenizerFast

    return reader, PreTrainedTokenizerFast(tokenizer_file=os.path.join(path, "tokenizer.json"))


def token_prompts(reader, tokenizer, options):
    prompts = [{"ids": [int(i) for i in ids.split(",")]} for ids in options.ids]
    texts = options.text or ([] if prompts else TEXTS)
    if texts and tokenizer is None:
        raise SystemExit("the model has no tokenizer.json, so texts cannot be read: give token ids with --ids")
    prompts += [{"ids": tokenizer(text)["input_ids"], "text": text} for text in texts]
    if reader.kind == "encoder":
        for prompt in prompts:
            prompt["token_types"] = [0] * len(prompt["ids"])
    return prompts


def image_prompts(reader, options):
    """Pictures as the model's processor makes them, or random pixels of its own size."""
    config = getattr(reader.model, "config", None)
    size = getattr(config, "image_size", None) or reader.model.patch_embed.img_size
    rows, columns = (size, size) if isinstance(size, int) else size
    if options.image:
        pixels = [(name, processed(reader, options.model, name)) for name in options.image]
    else:
        pixels = [(None, torch.randn(3, rows, columns, generator=torch.Generator().manual_seed(1)))]
    return [{"image": name, "resampled": list(value.shape[1:]) != [rows, columns], "pixel_values": value,
             "prefix": list(reader.prefix), "grid": [n // reader.patch for n in value.shape[1:]]}
            for name, value in pixels]


def processed(reader, folder, name):
    from PIL import Image

    picture = Image.open(name).convert("RGB")
    if reader.library == "timm":
        import timm.data

        return timm.data.create_transform(**timm.data.resolve_data_config(reader.model.pretrained_cfg))(picture)
    from transformers import AutoImageProcessor

    return AutoImageProcessor.from_pretrained(folder)(picture, return_tensors="pt")["pixel_values"][0]


def kept(options, prompt, outputs, points):
    """What of a run goes into the file. A headless model's pooler has a hook point, so that its output may go."""
    if options.last and reader_outputs_rows(prompt, outputs):
        prompt["read"] = [len(prompt["ids"]) - 1]
        outputs = {name: value[-1:] for name, value in outputs.items() if value.dim() == 2}
    if options.points is not None:
        wanted = options.points.split(",")
        points = {name: value for name, value in points.items() if any(fnmatch.fnmatch(name, w) for w in wanted)}
    return prompt, outputs, points


def reader_outputs_rows(prompt, outputs):
    """Whether there is a row of outputs for each position."""
    return any(value.dim() == 2 and len(value) == len(prompt.get("ids", [])) for value in outputs.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--text", action="append", default=[])
    parser.add_argument("--ids", action="append", default=[], help="token ids, with commas between them")
    parser.add_argument("--image", action="append", default=[])
    parser.add_argument("--points", help="globs of hook points to keep, with commas between them; '' for none")
    parser.add_argument("--last", action="store_true", help="keep the outputs of the last position only")
    parser.add_argument("--ref", help="what './kausal certify --all' calls the model, such as a catalog id")
    options = parser.parse_args()
    reader, tokenizer = opened(options.model)
    prompts = image_prompts(reader, options) if reader.kind == "vision" else token_prompts(reader, tokenizer, options)
    with torch.no_grad():
        runs = [kept(options, prompt, *reader.dump(prompt)) for prompt in prompts]
    tensors, described = entries(runs)
    index = {"schema": 1, "model": os.path.basename(options.model.rstrip("/")), "ref": options.ref,
             "kind": reader.kind, "library": reader.library, "versions": versions(), "dtype": "float32",
             "prompts": described}
    os.makedirs(os.path.dirname(os.path.abspath(options.out)), exist_ok=True)
    save_file(tensors, options.out + ".partial", metadata={"reference": json.dumps(index)})
    os.replace(options.out + ".partial", options.out)
    print(options.out, os.path.getsize(options.out), "bytes,", len(runs), "runs,", len(runs[0][2]), "points each")


if __name__ == "__main__":
    main()
