"""Writes a tiny model's folder: config.json, model.safetensors, dump.json and dump.safetensors."""
import os

import torch
from safetensors.torch import save_file

from common import versions, write_json
from tiny.model import rewrite

NOT_OURS = ("generation_config.json",)


def clean(folder):
    """Removes what save_pretrained writes and nothing reads."""
    for name in NOT_OURS:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            os.remove(path)


def write_processor(folder, tiny):
    """Writes preprocessor_config.json, and stops unless transformers reads the same from its older form."""
    from transformers import AutoImageProcessor

    settings = tiny.processor()
    settings.save_pretrained(folder)
    if tiny.older_processor:
        rewrite(os.path.join(folder, "preprocessor_config.json"), tiny.older_processor)
        again = AutoImageProcessor.from_pretrained(folder)
        assert again.to_dict() == settings.to_dict(), (again, settings)


def entries(runs):
    """Tensors of all runs, and what the JSON says of each run.

    runs: one (prompt, outputs, points) each; outputs and points are name to tensor.
    """
    tensors, prompts = {}, []
    for index, (prompt, outputs, points) in enumerate(runs):
        same = add(tensors, f"{index}/", {**outputs, **points})
        inputs = {name: value for name, value in prompt.items() if isinstance(value, torch.Tensor)}
        add(tensors, f"{index}/", inputs)
        fields = {name: value for name, value in prompt.items() if name not in inputs}
        prompts.append({**fields, "inputs": sorted(inputs), "outputs": sorted(outputs), "same": same})
    return tensors, prompts


def write_dump(folder, tiny, stored_dtype, runs):
    tensors, prompts = entries(runs)
    save_file(tensors, os.path.join(folder, "dump.safetensors"))
    write_json(os.path.join(folder, "dump.json"), {
        "schema": 1, "model": tiny.folder, "kind": tiny.kind, "library": tiny.library, "versions": versions(),
        "stored_dtype": stored_dtype, "dtype": "float32", "prompts": prompts})


def add(tensors, prefix, values):
    """Adds values, each once; gives the names whose value is another's, with that other."""
    first, same = {}, {}
    for name, value in values.items():
        value = value.detach().float().contiguous()
        assert torch.isfinite(value).all(), name
        content = (tuple(value.shape), value.numpy().tobytes())
        if content in first:
            same[name] = first[content]
        else:
            first[content] = name
            tensors[prefix + name] = value.clone()
    return same
