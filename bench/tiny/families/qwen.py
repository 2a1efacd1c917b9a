"""Qwen2, Qwen2.5 and Qwen3.

Reads: what Llama's does. Qwen2 has biases on queries, keys and values, whatever its config says, none
on the output, and no head_dim of its own in published configs. Qwen3 has head_dim, attention_bias
(absent: false), and an RMSNorm of each head's query and key, q_norm and k_norm [d_head].
use_sliding_window (absent: false): with true, layers from max_window_layers on see sliding_window
positions; layer_types, in newer configs, says so layer by layer.
Refuse: "sliding_attention" in layer_types where no window is used.
"""
from functools import partial

from tiny.decoder import Layout, dump
from tiny.families.llama import turned
from tiny.model import TinyModel, older_rope
from tiny.weights import scramble

LAYOUT = Layout(rotary=turned)


def qwen2():
    from transformers import Qwen2Config, Qwen2ForCausalLM

    return scramble(Qwen2ForCausalLM(Qwen2Config(
        vocab_size=54, hidden_size=24, intermediate_size=38, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-6, use_sliding_window=False,
        max_window_layers=2,
        rope_parameters={"rope_type": "default", "rope_theta": 100000.0}, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2, dtype="float32")), 20240522)


def qwen3():
    from transformers import Qwen3Config, Qwen3ForCausalLM

    return scramble(Qwen3ForCausalLM(Qwen3Config(
        vocab_size=54, hidden_size=20, intermediate_size=38, num_hidden_layers=2, num_attention_heads=6,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=64, rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 1000.0}, tie_word_embeddings=False,
        bos_token_id=1, eos_token_id=2, dtype="float32")), 20240523)


def older_qwen2(config):
    older_rope(config)
    config["sliding_window"] = 4
    config.pop("layer_types")


MODELS = [
    TinyModel("qwen2", qwen2, partial(dump, LAYOUT), older=older_qwen2),
    TinyModel("qwen3", qwen3, partial(dump, LAYOUT)),
]
