"""Mistral.

Reads: what Llama's does, without biases, and sliding_window (null: none; absent: 4096, by
transformers): a query sees that many positions, its own included, in every layer.
layer_types, if there, says which layers have the window: the library makes Ministral of it.
"""
from functools import partial

from tiny.decoder import Layout, dump
from tiny.families.llama import turned
from tiny.model import TinyModel, older_rope
from tiny.weights import scramble

LAYOUT = Layout(rotary=turned, window=lambda config, layer: config.sliding_window)


def mistral():
    from transformers import MistralConfig, MistralForCausalLM

    return scramble(MistralForCausalLM(MistralConfig(
        vocab_size=55, hidden_size=20, intermediate_size=34, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=6, max_position_embeddings=64, rms_norm_eps=1e-5, sliding_window=3,
        rope_parameters={"rope_type": "default", "rope_theta": 900.0}, tie_word_embeddings=False,
        bos_token_id=1, eos_token_id=2, dtype="float32")), 20240521)


MODELS = [TinyModel("mistral", mistral, partial(dump, LAYOUT), older=older_rope)]
