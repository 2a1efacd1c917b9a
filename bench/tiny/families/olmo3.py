"""OLMo 3: OLMo 2 with a window in three of four layers.

Reads: what OLMo 2's does, sliding_window and layer_types (left out: every fourth sees all). Rotary parameters by kind of
layer; in older files rope_theta and rope_scaling are those of layers that see all.
"""
from functools import partial

from tiny import rotary
from tiny.decoder import Layout, dump
from tiny.families.olmo2 import LAYOUT as OLMO2
from tiny.model import TinyModel
from tiny.weights import scramble


def turned(config, layer):
    rope = config.rope_parameters[config.layer_types[layer]]
    plain = rotary.frequencies(rope["rope_theta"], config.hidden_size // config.num_attention_heads)
    if rope["rope_type"] == "yarn":
        return rotary.yarn(plain, rope, config)
    return rotary.Rotary(plain)


LAYOUT = Layout(
    norms=OLMO2.norms, rotary=turned,
    window=lambda config, layer: config.sliding_window if config.layer_types[layer] == "sliding_attention" else None)


def olmo3():
    from transformers import Olmo3Config, Olmo3ForCausalLM

    return scramble(Olmo3ForCausalLM(Olmo3Config(
        vocab_size=58, hidden_size=18, intermediate_size=22, num_hidden_layers=4, num_attention_heads=3,
        num_key_value_heads=3, max_position_embeddings=64, rms_norm_eps=1e-6, sliding_window=3,
        rope_parameters={"full_attention": {"rope_type": "yarn", "rope_theta": 90.0, "factor": 4.0,
                                            "original_max_position_embeddings": 16},
                         "sliding_attention": {"rope_type": "default", "rope_theta": 90.0}},
        tie_word_embeddings=False, pad_token_id=0, bos_token_id=1, eos_token_id=2, dtype="float32")), 20240575)


MODELS = [TinyModel("olmo3", olmo3, partial(dump, LAYOUT), lens=None)]
