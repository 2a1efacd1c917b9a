"""SmolLM3: Llama with layers that do not rotate.

Reads: what Llama's does, and no_rope_layers, one number per layer (1: rotates, 0: does not; absent:
every no_rope_layer_interval-th does not, 4 where that is absent too). attention_bias, mlp_bias
(absent: false).
Refuse: use_sliding_window true; rope scaling.
"""
from functools import partial

from tiny.decoder import Layout, dump
from tiny.families import llama
from tiny.model import TinyModel, older_rope
from tiny.weights import scramble

LAYOUT = Layout(rotary=lambda config, layer: llama.turned(config, layer) if config.no_rope_layers[layer] else None)


def smollm3():
    from transformers import SmolLM3Config, SmolLM3ForCausalLM

    return scramble(SmolLM3ForCausalLM(SmolLM3Config(
        vocab_size=53, hidden_size=18, intermediate_size=30, num_hidden_layers=3, num_attention_heads=3,
        num_key_value_heads=1, max_position_embeddings=64, rms_norm_eps=1e-6, no_rope_layer_interval=2,
        rope_parameters={"rope_type": "default", "rope_theta": 2000.0}, tie_word_embeddings=True,
        pad_token_id=2, bos_token_id=1, eos_token_id=2, dtype="float32")), 20240524)


def fourth():
    """Which layers do not rotate as in the published model, and as in files that do not say it."""
    from transformers import SmolLM3Config, SmolLM3ForCausalLM

    return scramble(SmolLM3ForCausalLM(SmolLM3Config(
        vocab_size=53, hidden_size=16, intermediate_size=20, num_hidden_layers=4, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 2000.0}, tie_word_embeddings=True,
        pad_token_id=2, bos_token_id=1, eos_token_id=2, dtype="float32")), 20240563)


def silent(config):
    older_rope(config)
    config.pop("no_rope_layers")
    config.pop("no_rope_layer_interval")


MODELS = [TinyModel("smollm3", smollm3, partial(dump, LAYOUT), older=older_rope),
          TinyModel("smollm3-fourth", fourth, partial(dump, LAYOUT), older=silent)]
