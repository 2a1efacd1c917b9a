"""What the bench scripts share: loading a GGUF in Hugging Face, rounding and writing JSON."""
import importlib.metadata
import json
import math
import os
import platform

import torch

PACKAGES = ["torch", "torchvision", "transformers", "timm", "transformer-lens", "nnsight", "gguf", "safetensors", "tokenizers",
            "numpy"]


def versions():
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = None
    return found


def load_gguf(path):
    """The model and tokenizer of a GGUF file, dequantised to float32.

    llama.cpp stores the rows of the query and key projections permuted; this loader undoes it.
    """
    from transformers import AutoModelForCausalLM

    folder, name = os.path.split(os.path.abspath(path))
    model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=name, dtype=torch.float32, attn_implementation="eager")
    return model.eval(), load_gguf_tokenizer(path)


def load_gguf_tokenizer(path):
    """The tokenizer of a GGUF file."""
    from transformers import AutoTokenizer

    folder, name = os.path.split(os.path.abspath(path))
    return AutoTokenizer.from_pretrained(folder, gguf_file=name)


def rounded(value, digits):
    """Nested lists of numbers with so many significant digits; what is not finite becomes null."""
    if isinstance(value, torch.Tensor):
        value = value.detach().double().tolist()
    if isinstance(value, list):
        return [rounded(item, digits) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{digits}g}") if math.isfinite(value) else None
    return value


def write_json(path, value):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        json.dump(value, out, separators=(",", ":"), ensure_ascii=False)
        out.write("\n")
