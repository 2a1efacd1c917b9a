"""Writes a model of a published shape with random bfloat16 weights, to measure memory and speed.

    python bench/make_large_model.py FOLDER --shape llama-3.1-8b --tokenizer FILE

Shapes: llama-3.1-8b (16 GB), llama-3.2-3b (6.4 GB), llama-3.2-1b (2.5 GB). The numbers of such a model mean nothing: its weights
are slices of one block of normal numbers, with a standard deviation of 0.02. Any tokenizer.json of at most the shape's vocabulary fits.
"""
import argparse
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file

SHAPES = {
    "llama-3.1-8b": dict(layers=32, d=4096, heads=32, kv=8, mlp=14336, tied=False),
    "llama-3.2-3b": dict(layers=28, d=3072, heads=24, kv=8, mlp=8192, tied=True),
    "llama-3.2-1b": dict(layers=16, d=2048, heads=32, kv=8, mlp=8192, tied=True),
}
VOCABULARY = 128256


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--shape", choices=SHAPES, default="llama-3.1-8b")
    parser.add_argument("--tokenizer", type=pathlib.Path, required=True, help="a tokenizer.json")
    options = parser.parse_args()
    shape = SHAPES[options.shape]
    options.folder.mkdir(parents=True)
    shutil.copy(options.tokenizer, options.folder / "tokenizer.json")
    head = 128 if shape["d"] > 2048 else 64
    config = dict(
        architectures=["LlamaForCausalLM"], model_type="llama", vocab_size=VOCABULARY, hidden_size=shape["d"],
        intermediate_size=shape["mlp"], num_hidden_layers=shape["layers"], num_attention_heads=shape["heads"],
        num_key_value_heads=shape["kv"], head_dim=head, hidden_act="silu", max_position_embeddings=131072,
        rms_norm_eps=1e-5, rope_theta=500000.0, tie_word_embeddings=shape["tied"], torch_dtype="bfloat16",
        rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                          original_max_position_embeddings=8192),
    )
    (options.folder / "config.json").write_text(json.dumps(config, indent=1))

    generator = torch.Generator().manual_seed(0)
    pool = (0.02 * torch.randn(1 << 26, generator=generator)).bfloat16()

    def weights(*size):
        count = torch.Size(size).numel()
        start = int(torch.randint(0, 1 << 20, (1,), generator=generator))
        repeats = -(-count // (pool.numel() - (1 << 20)))
        return pool[start:start + pool.numel() - (1 << 20)].repeat(repeats)[:count].reshape(size).contiguous()

    def layer(index):
        name, d, kv = f"model.layers.{index}.", shape["d"], shape["kv"] * head
        return {
            name + "input_layernorm.weight": torch.ones(d).bfloat16(),
            name + "post_attention_layernorm.weight": torch.ones(d).bfloat16(),
            name + "self_attn.q_proj.weight": weights(shape["heads"] * head, d),
            name + "self_attn.k_proj.weight": weights(kv, d),
            name + "self_attn.v_proj.weight": weights(kv, d),
            name + "self_attn.o_proj.weight": weights(d, shape["heads"] * head),
            name + "mlp.gate_proj.weight": weights(shape["mlp"], d),
            name + "mlp.up_proj.weight": weights(shape["mlp"], d),
            name + "mlp.down_proj.weight": weights(d, shape["mlp"]),
        }

    ends = {"model.embed_tokens.weight": weights(VOCABULARY, shape["d"]), "model.norm.weight": torch.ones(shape["d"]).bfloat16()}
    if not shape["tied"]:
        ends["lm_head.weight"] = weights(VOCABULARY, shape["d"])
    files = 1 + -(-shape["layers"] // 8)
    names, total = {}, 0
    for number in range(files):
        tensors = ends if number == 0 else {}
        for index in range(8 * (number - 1), min(shape["layers"], 8 * number)) if number else []:
            tensors.update(layer(index))
        file = f"model-{number + 1:05d}-of-{files:05d}.safetensors"
        save_file(tensors, options.folder / file, metadata={"format": "pt"})
        names.update({name: file for name in tensors})
        total += sum(2 * tensor.numel() for tensor in tensors.values())
    index = dict(metadata=dict(total_size=total), weight_map=names)
    (options.folder / "model.safetensors.index.json").write_text(json.dumps(index))
    print(f"{total / 1e9:.1f} GB in {options.folder}")


if __name__ == "__main__":
    main()
