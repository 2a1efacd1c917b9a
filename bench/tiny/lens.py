"""Holds dumps against TransformerLens, where it has the family."""
import tempfile

import torch

from tiny.points import LOWEST, close

# Where the bridge leaves attention to Hugging Face, it has weights after softmax under this name.
DELEGATED = {"attn.hook_attn_scores": None}


def bridge(name, model):
    """TransformerLens around a model. It wants a tokenizer that it can load again, though ids go straight in."""
    from tokenizers import Tokenizer, models
    from transformer_lens.model_bridge import TransformerBridge
    from transformers import PreTrainedTokenizerFast

    words = {f"w{i}": i for i in range(getattr(model.config, "vocab_size", 3))}
    with tempfile.TemporaryDirectory() as folder:
        PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer(models.WordLevel(words, unk_token="w0")), unk_token="w0",
            bos_token="w1", eos_token="w2", pad_token="w2").save_pretrained(folder)
        found = TransformerBridge.boot_transformers(
            f"tiny/{name}", hf_model=model, dtype=torch.float32, device="cpu",
            tokenizer=PreTrainedTokenizerFast.from_pretrained(folder))
    for switch in (found.set_use_attn_result, found.set_use_hook_mlp_in):
        try:
            switch(True)
        except NotImplementedError as e:
            print("  TransformerLens:", str(e).split(".")[0])
    return found


def compare(tiny, model, runs):
    """Stops where TransformerLens caches something else under one of the names; prints what it lacks."""
    lens = bridge(tiny.folder, model)
    worst, absent = 0.0, set()
    for prompt, outputs, points in runs:
        found, cache = lens.run_with_cache(**tiny.lens_input(prompt))
        close(getattr(found, "logits", found)[0], next(iter(outputs.values())), "TransformerLens's output")
        for name, value in points.items():
            try:
                other = alike(cache[their_name(tiny, name)], value)
            except KeyError:
                absent.add(general(name))
                continue
            seen = value > LOWEST
            close(other.where(seen, 0), value.where(seen, 0), name)
            worst = max(worst, float((other - value)[seen].abs().max()))
    print(f"  TransformerLens: largest difference {worst:.2g}, absent {sorted(absent)}")


def alike(other, value):
    """Their value without the batch axis, which OPT flattens now and then, and with positions first."""
    if other.shape[0] == 1:
        other = other[0]
    if other.dim() == 3 and other.shape[1] == value.shape[0] != other.shape[0]:
        other = other.transpose(0, 1)
    return other.reshape(value.shape) if other.numel() == value.numel() else other


def their_name(tiny, name):
    """TransformerLens's name for ours; KeyError where the table says that it has none."""
    within = name.split(".", 2)[2] if name.startswith("blocks.") else name
    theirs = tiny.lens.get(within, within)
    if theirs is None:
        raise KeyError(name)
    return name.removesuffix(within) + theirs


def general(name):
    """The name without its layer."""
    return ".".join(["blocks", "*", name.split(".", 2)[2]]) if name.startswith("blocks.") else name
