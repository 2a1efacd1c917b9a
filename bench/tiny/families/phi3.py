"""Phi-3 (and Phi-3.5, Phi-4).

Reads: what Llama's does, no biases; sliding_window (null: none), every layer; partial_rotary_factor
(absent: 1), at the top or in rope_parameters: int(d_head * part) dimensions turn.
original_max_position_embeddings matters only with scaling.
rope_scaling "longrope" (the 128k variants) is read within original_max_position_embeddings.
Refuse: other rope types.
Weights: qkv_proj is queries, keys and values one after another; gate_up_proj is the gate, then the
ungated branch.
"""
from functools import partial

from tiny import rotary
from tiny.decoder import Layout, dump
from tiny.model import TinyModel, older_rope
from tiny.weights import scramble

HEADS, KEY_VALUE_HEADS, WIDTH = 4, 2, 8


def turned(config, layer):
    rope = config.rope_parameters
    width = config.hidden_size // config.num_attention_heads
    return rotary.Rotary(rotary.frequencies(rope["rope_theta"], int(width * rope["partial_rotary_factor"])))


def split(run, at, config):
    """Queries, keys and values one after another."""
    width = config.hidden_size // config.num_attention_heads
    keys = config.num_key_value_heads * width
    return run.out(at + ".qkv_proj").split([config.num_attention_heads * width, keys, keys], -1)


LAYOUT = Layout(
    rotary=turned, window=lambda config, layer: config.sliding_window,
    qkv=lambda run, at: split(run, at, run.config),
    branches=lambda run, at: run.out(at + ".mlp.gate_up_proj").chunk(2, -1))


def phi3():
    from transformers import Phi3Config, Phi3ForCausalLM

    return scramble(Phi3ForCausalLM(Phi3Config(
        vocab_size=60, hidden_size=HEADS * WIDTH, intermediate_size=26, num_hidden_layers=2,
        num_attention_heads=HEADS, num_key_value_heads=KEY_VALUE_HEADS, max_position_embeddings=64,
        original_max_position_embeddings=64, rms_norm_eps=1e-5, sliding_window=5,
        rope_parameters={"rope_type": "default", "rope_theta": 6000.0, "partial_rotary_factor": 0.75},
        tie_word_embeddings=False, pad_token_id=0, bos_token_id=1, eos_token_id=2, dtype="float32")), 20240528)


def older_phi3(config):
    factor = config["rope_parameters"].pop("partial_rotary_factor")
    older_rope(config)
    config["partial_rotary_factor"] = factor


MODELS = [TinyModel("phi3", phi3, partial(dump, LAYOUT), older=older_phi3)]
