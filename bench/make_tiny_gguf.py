"""Writes the tiny GPT-2 and Llama of make_tiny_models.py as GGUF, as llama.cpp's converter names and lays them out.

    python make_tiny_gguf.py --tiny DIR

Reads DIR/{gpt2,llama}/{config.json,model.safetensors} and writes DIR/{gpt2,llama}.gguf, in float32. What the converter
(convert_hf_to_gguf.py of llama.cpp) does to the weights, and this script after it:

* GPT-2's Conv1D weights, [input, output] in the checkpoint, are transposed: every matrix is [output, input].
* The rows of Llama's queries and keys are interleaved, since llama.cpp rotates neighbouring pairs (`permute`).
"""
import argparse
import json
from pathlib import Path

import gguf
from safetensors.numpy import load_file


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


def llama(folder, target):
    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(target, "llama")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    tokens(writer, config["vocab_size"])
    name_of = named(gguf.MODEL_ARCH.LLAMA, config["num_hidden_layers"])
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    for name, weight in load_file(folder / "model.safetensors").items():
        part = name.split(".")[-2]
        writer.add_tensor(name_of(name), interleaved(weight, heads[part]) if part in heads else weight)
    return writer


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--tiny", type=Path, required=True, help="the folder that make_tiny_models.py wrote")
    tiny = arguments.parse_args().tiny
    for make in (gpt2, llama):
        writer = make(tiny / make.__name__, tiny / f"{make.__name__}.gguf")
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


if __name__ == "__main__":
    main()
