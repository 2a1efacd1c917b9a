"""Writes tiny models of make_tiny_models.py as GGUF, as llama.cpp's converter names and lays them out.

    python make_tiny_gguf.py --tiny DIR [--only NAME,...]

Reads DIR/NAME/{config.json,model.safetensors} and writes DIR/NAME.gguf, in float32. What the converter
(convert_hf_to_gguf.py of llama.cpp) does to the weights, and this script after it:

* GPT-2's Conv1D weights, [input, output] in the checkpoint, are transposed: every matrix is [output, input].
* The rows of Llama's queries and keys are interleaved, since llama.cpp rotates neighbouring pairs (`permute`).
* Llama 3.1's scaling of positions becomes a tensor, rope_freqs.weight: what each frequency is divided by.
* GPT-NeoX's queries, keys and values, stored by head, are put one after another.
* Gemma's norms have their 1 added.
* BERT's pooler is left out; the file is called NAME-body.gguf, since the dump of NAME has a pooler.

Some of the tiny models' numbers have no field that the converter writes (Gemma's scale of scores and its local rotary
base); they are written where llama.cpp reads such a number of other models.
"""
import argparse
import json
import math
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

from tiny.rotary import frequencies, llama3


def named(architecture, layers):
    """Names by gguf's own table, which the converter uses too."""
    table = gguf.get_tensor_name_map(architecture, layers)
    return lambda name: table.get_name(name, try_suffixes=(".weight", ".bias"))


def interleaved(weight, heads):
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def tokens(writer, count):
    """A vocabulary that no test reads, since a GGUF always carries one: single characters, and one merge."""
    texts = ["ab", *(chr(ord("A") + i) for i in range(count - 1))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(texts)
    writer.add_token_merges(["a b"])


def gpt2(folder, target):
    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(target, "gpt2")
    writer.add_block_count(config["n_layer"])
    writer.add_context_length(config["n_positions"])
    writer.add_embedding_length(config["n_embd"])
    writer.add_feed_forward_length(config["n_inner"] or 4 * config["n_embd"])
    writer.add_head_count(config["n_head"])
    writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    tokens(writer, config["vocab_size"])
    name_of = named(gguf.MODEL_ARCH.GPT2, config["n_layer"])
    for name, weight in load_file(folder / "model.safetensors").items():
        if ".c_" in name and name.endswith("weight"):
            weight = weight.T.copy()
        writer.add_tensor(name_of(name), weight)
    return writer


def sizes(folder, target, architecture, split=0, theta=None, tokenizer=True):
    """A writer with what most families have in common, the config, and how gguf names tensors."""
    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(target, gguf.MODEL_ARCH_NAMES[architecture], split_max_tensors=split)
    heads = config["num_attention_heads"]
    width = config.get("head_dim") or config["hidden_size"] // heads
    rope = config.get("rope_parameters") or {}
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.get("num_key_value_heads", heads))
    writer.add_key_length(width)
    writer.add_value_length(width)
    part = rope.get("partial_rotary_factor") or config.get("partial_rotary_factor") or config.get("rotary_pct") or 1
    writer.add_rope_dimension_count(int(width * part))
    writer.add_rope_freq_base(theta or rope.get("rope_theta") or config.get("rope_theta") or config.get("rotary_emb_base"))
    if "rms_norm_eps" in config:
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    else:
        writer.add_layer_norm_eps(config["layer_norm_eps"])
    if config.get("sliding_window") and architecture is not gguf.MODEL_ARCH.QWEN2:
        writer.add_sliding_window(config["sliding_window"])
    tokens(writer, config["vocab_size"]) if tokenizer else writer.add_vocab_size(config["vocab_size"])
    return writer, config, named(architecture, config["num_hidden_layers"])


def weights(folder, writer, name_of, change=lambda name, weight: weight):
    for name, weight in load_file(folder / "model.safetensors").items():
        writer.add_tensor(name_of(name), change(name, weight))
    return writer


def plain(architecture):
    """A family whose weights are written as they are."""
    def make(folder, target):
        writer, _, name_of = sizes(folder, target, architecture)
        return weights(folder, writer, name_of)
    return make


def by_pairs(config):
    """Interleaves the rows of queries and keys."""
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}

    def change(name, weight):
        part = name.split(".")[-2]
        return interleaved(weight, heads[part]) if part in heads else weight
    return change


def llama(folder, target, split=0):
    writer, config, name_of = sizes(folder, target, gguf.MODEL_ARCH.LLAMA, split)
    scaling = config.get("rope_scaling")
    if scaling:
        plain_frequencies = frequencies(config["rope_theta"], config["head_dim"])
        arguments = [scaling[n] for n in ("factor", "low_freq_factor", "high_freq_factor",
                                          "original_max_position_embeddings")]
        writer.add_tensor("rope_freqs.weight", (plain_frequencies / llama3(plain_frequencies, *arguments)).numpy())

    return weights(folder, writer, name_of, by_pairs(config))


def scaled(folder, target, kind):
    """Llama with scaled positions, as cases of matrix/llama.json have them: without rope_parameters, so of base 10,000."""
    writer, config, name_of = sizes(folder, target, gguf.MODEL_ARCH.LLAMA, theta=10000.0)
    if kind == "linear":
        writer.add_float32("llama.rope.scale_linear", 3.0)
    else:
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(4.0)
        writer.add_rope_scaling_orig_ctx_len(16)
    return weights(folder, writer, name_of, by_pairs(config))


def longrope(folder, target, factors=True):
    """Phi-3 with the factors of a case of matrix/phi3.json, as the converter writes them: two tensors and an amplitude."""
    writer, config, name_of = sizes(folder, target, gguf.MODEL_ARCH.PHI3)
    longer = config["max_position_embeddings"] / 16
    writer.add_rope_scaling_type(gguf.RopeScalingType.LONGROPE)
    writer.add_rope_scaling_orig_ctx_len(16)
    writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(longer) / math.log(16)))
    if factors:
        writer.add_tensor("rope_factors_short.weight", np.full(3, 1.5, dtype=np.float32))
        writer.add_tensor("rope_factors_long.weight", np.full(3, 4.0, dtype=np.float32))
    return weights(folder, writer, name_of)


def without_tokenizer(folder, target):
    writer, config, name_of = sizes(folder, target, gguf.MODEL_ARCH.LLAMA, tokenizer=False)
    return weights(folder, writer, name_of, by_pairs(config))


def smollm3(folder, target):
    """As Llama. Which layers do not rotate is not written: llama.cpp knows it of the published model, every fourth."""
    writer, config, name_of = sizes(folder, target, gguf.MODEL_ARCH.SMOLLM3)
    assert config["num_hidden_layers"] >= 4
    return weights(folder, writer, name_of, by_pairs(config))


def stablelm(folder, target):
    writer, config, name_of = sizes(folder, target, gguf.MODEL_ARCH.STABLELM)
    writer.add_parallel_residual(config["use_parallel_residual"])
    return weights(folder, writer, name_of)


def gpt_neox(folder, target):
    writer, config, name_of = sizes(folder, target, gguf.MODEL_ARCH.GPTNEOX)
    writer.add_parallel_residual(config.get("use_parallel_residual", True))

    def change(name, weight):
        if "query_key_value" not in name:
            return weight
        by_head = weight.reshape(config["num_attention_heads"], 3, -1, *weight.shape[1:])
        return by_head.swapaxes(0, 1).reshape(weight.shape)
    return weights(folder, writer, name_of, change)


def gemma(architecture):
    def make(folder, target):
        writer, config, name_of = sizes(folder, target, architecture)
        writer.add_attention_scale(config["query_pre_attn_scalar"] ** -0.5)
        if config["attn_logit_softcapping"]:
            writer.add_attn_logit_softcapping(config["attn_logit_softcapping"])
            writer.add_final_logit_softcapping(config["final_logit_softcapping"])
        if "rope_local_base_freq" in config:
            writer.add_rope_freq_base_swa(config["rope_local_base_freq"])
            writer.add_sliding_window_pattern(config["sliding_window_pattern"])
            writer.add_rope_scaling_type(gguf.RopeScalingType(config["rope_scaling"]["rope_type"]))
            writer.add_rope_scaling_factor(config["rope_scaling"]["factor"])
        return weights(folder, writer, name_of, lambda name, w: w + 1 if name.endswith("norm.weight") else w)
    return make


def first_gemma(folder, target):
    writer, _, name_of = sizes(folder, target, gguf.MODEL_ARCH.GEMMA)
    return weights(folder, writer, name_of, lambda name, w: w + 1 if name.endswith("norm.weight") else w)


def granite(folder, target):
    writer, config, name_of = sizes(folder, target, gguf.MODEL_ARCH.GRANITE)
    writer.add_attention_scale(config["attention_multiplier"])
    writer.add_embedding_scale(config["embedding_multiplier"])
    writer.add_residual_scale(config["residual_multiplier"])
    writer.add_logit_scale(config["logits_scaling"])
    return weights(folder, writer, name_of, by_pairs(config))


def bert(folder, target):
    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(target, "bert")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_tokenizer_model("bert")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    count = config["vocab_size"]
    writer.add_token_list(special + ["\u2581" + chr(ord("0") + i) for i in range(count - len(special))])
    writer.add_token_types([gguf.TokenType.CONTROL] * len(special) + [gguf.TokenType.NORMAL] * (count - len(special)))
    writer.add_token_type_count(config["type_vocab_size"])
    writer.add_unk_token_id(special.index("[UNK]"))
    name_of = named(gguf.MODEL_ARCH.BERT, config["num_hidden_layers"])
    for name, weight in load_file(folder / "model.safetensors").items():
        if not name.startswith("pooler."):
            writer.add_tensor(name_of(name), weight)
    return writer


MAKERS = {
    "minilm": bert,
    "gpt2": gpt2, "llama": llama, "llama3-rope-scaling": llama,
    "smollm3-fourth": smollm3, "stablelm": stablelm, "stablelm-parallel": stablelm,
    "gpt-neox": gpt_neox, "gpt-neox-sequential": gpt_neox,
    "qwen2": plain(gguf.MODEL_ARCH.QWEN2), "qwen3": plain(gguf.MODEL_ARCH.QWEN3),
    "olmo2": plain(gguf.MODEL_ARCH.OLMO2), "phi3": plain(gguf.MODEL_ARCH.PHI3),
    "gemma": first_gemma, "granite": granite,
    "gemma2": gemma(gguf.MODEL_ARCH.GEMMA2), "gemma3": gemma(gguf.MODEL_ARCH.GEMMA3),
}


def write(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--tiny", type=Path, required=True, help="the folder that make_tiny_models.py wrote")
    arguments.add_argument("--only", type=lambda names: names.split(","), default=list(MAKERS))
    parsed = arguments.parse_args()
    for name in parsed.only:
        file = f"{name}-body.gguf" if MAKERS[name] is bert else f"{name}.gguf"
        write(MAKERS[name](parsed.tiny / name, parsed.tiny / file))
    if "llama" in parsed.only:
        parts = parsed.tiny / "llama-parts"
        parts.mkdir(exist_ok=True)
        write(llama(parsed.tiny / "llama", parts / "llama.gguf", 12))
        matrix = parts.parent.parent / "matrix"
        write(without_tokenizer(parsed.tiny / "llama", matrix / "llama-without-tokenizer.gguf"))
        for kind in ("linear", "yarn"):
            write(scaled(parsed.tiny / "llama", matrix / f"llama-{kind}.gguf", kind))
    if "phi3" in parsed.only:
        matrix = parsed.tiny.parent / "matrix"
        write(longrope(parsed.tiny / "phi3", matrix / "phi3-longrope.gguf"))
        write(longrope(parsed.tiny / "phi3", matrix / "phi3-longrope-without-factors.gguf", factors=False))


if __name__ == "__main__":
    main()
