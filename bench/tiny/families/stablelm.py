"""StableLM (3B 4e1t and 2).

Reads: what Llama's does, with layer_norm_eps in place of rms_norm_eps: norms are LayerNorms with biases. use_qkv_bias
(absent: false): biases of queries, keys and values. Rotary part of a head: partial_rotary_factor (absent: 0.25), at
the top or in rope_parameters: int(d_head * part) dimensions turn, halves against each other. use_parallel_residual
(absent: false); true: attention and MLP read one norm, input_layernorm, in parallel.
Refuse: qk_layernorm true (a LayerNorm of its own for each head).
"""
from dataclasses import replace
from functools import partial

from tiny import rotary
from tiny.decoder import Layout, dump
from tiny.model import TinyModel, older_rope
from tiny.weights import scramble


def turned(config, layer):
    rope = config.rope_parameters
    width = config.hidden_size // config.num_attention_heads
    return rotary.Rotary(rotary.frequencies(rope["rope_theta"], int(width * rope["partial_rotary_factor"])))


def layout_of(config):
    found = Layout(rotary=turned)
    shared = {"ln1": "input_layernorm", "ln2": "input_layernorm"}
    return replace(found, norms=shared, parallel=True) if config.use_parallel_residual else found


def stablelm(parallel, seed, **more):
    from transformers import StableLmConfig, StableLmForCausalLM

    return scramble(StableLmForCausalLM(StableLmConfig(
        vocab_size=59, hidden_size=32, intermediate_size=42, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, layer_norm_eps=1e-5, use_parallel_residual=parallel,
        rope_parameters={"rope_type": "default", "rope_theta": 800.0, "partial_rotary_factor": 0.5},
        tie_word_embeddings=False, bos_token_id=1, eos_token_id=2, dtype="float32", **more)), seed)


def older(config):
    factor = config["rope_parameters"].pop("partial_rotary_factor")
    older_rope(config)
    config["partial_rotary_factor"] = factor


def dumped(model, prompt):
    return dump(layout_of(model.config), model, prompt)


MODELS = [
    TinyModel("stablelm", partial(stablelm, False, 20240561, use_qkv_bias=True), dumped, older=older),
    TinyModel("stablelm-parallel", partial(stablelm, True, 20240562), dumped),
]
