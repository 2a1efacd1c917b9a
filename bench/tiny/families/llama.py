"""Llama 1 to 3.2.

Reads: num_hidden_layers, num_attention_heads, num_key_value_heads (absent: as many), hidden_size,
head_dim (absent or null: hidden_size / heads), intermediate_size, vocab_size, max_position_embeddings,
rms_norm_eps, hidden_act, tie_word_embeddings, attention_bias and mlp_bias (the file's tensors say it
too). Rotary base: rope_theta, or rope_parameters.rope_theta. Scaling: rope_scaling or rope_parameters,
with rope_type or type "default", "linear" (factor), "llama3" (factor, low_freq_factor,
high_freq_factor, original_max_position_embeddings).
"dynamic" is "default" within the context; "yarn" and "longrope" are read too.
Refuse: pretraining_tp other than 1; partial_rotary_factor other than 1.
"""
from functools import partial

import torch

from tiny import rotary
from tiny.decoder import Layout, dump
from tiny.model import TinyModel, older_rope
from tiny.weights import scramble


def turned(config, layer):
    """The rotation that rope_parameters asks for."""
    rope = config.rope_parameters
    plain = rotary.frequencies(rope["rope_theta"], getattr(config, "head_dim", None)
                               or config.hidden_size // config.num_attention_heads)
    if rope["rope_type"] == "llama3":
        plain = rotary.llama3(plain, rope["factor"], rope["low_freq_factor"], rope["high_freq_factor"],
                              rope["original_max_position_embeddings"])
    else:
        assert rope["rope_type"] == "default", rope
    return rotary.Rotary(plain)


LAYOUT = Layout(rotary=turned)


def llama():
    from transformers import LlamaConfig, LlamaForCausalLM

    return scramble(LlamaForCausalLM(LlamaConfig(
        vocab_size=61, hidden_size=24, intermediate_size=44, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=2, head_dim=10, max_position_embeddings=64,
        rms_norm_eps=1e-5, rope_parameters={"rope_type": "default", "rope_theta": 5000.0},
        attention_bias=False, mlp_bias=False, tie_word_embeddings=False,
        bos_token_id=1, eos_token_id=2, dtype="float32")), 20240501)


def tied_bf16():
    from transformers import LlamaConfig, LlamaForCausalLM

    return scramble(LlamaForCausalLM(LlamaConfig(
        vocab_size=53, hidden_size=24, intermediate_size=36, num_hidden_layers=2,
        num_attention_heads=3, num_key_value_heads=1, max_position_embeddings=64,
        rms_norm_eps=1e-6, rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        attention_bias=True, mlp_bias=True, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2)), 20240502).to(torch.bfloat16)


def without_head_dim(config):
    older_rope(config)
    config.pop("head_dim", None)


def scaled():
    from transformers import LlamaConfig, LlamaForCausalLM

    # The context is so short that of the four frequencies one is kept, two are blended, one slowed.
    return scramble(LlamaForCausalLM(LlamaConfig(
        vocab_size=59, hidden_size=18, intermediate_size=30, num_hidden_layers=2,
        num_attention_heads=6, num_key_value_heads=3, head_dim=8, max_position_embeddings=96,
        rms_norm_eps=1e-5, rope_parameters={
            "rope_type": "llama3", "rope_theta": 12.0, "factor": 4.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 32},
        tie_word_embeddings=True, bos_token_id=1, eos_token_id=2, dtype="float32")), 20240504)


def with_classes():
    from transformers import LlamaConfig, LlamaForSequenceClassification

    return scramble(LlamaForSequenceClassification(LlamaConfig(
        vocab_size=55, hidden_size=18, intermediate_size=30, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=64, rms_norm_eps=1e-5, num_labels=3, pad_token_id=0,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0}, bos_token_id=1, eos_token_id=2,
        dtype="float32")), 20240505)


def bare():
    from transformers import LlamaConfig, LlamaModel

    return scramble(LlamaModel(LlamaConfig(
        vocab_size=54, hidden_size=18, intermediate_size=30, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=64, rms_norm_eps=1e-5, tie_word_embeddings=False,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0}, bos_token_id=1, eos_token_id=2,
        dtype="float32")), 20240506)


def load_as(name):
    def load(folder, dtype):
        import transformers

        return getattr(transformers, name).from_pretrained(folder, dtype=dtype, attn_implementation="eager")
    return load


BARE = Layout(rotary=turned, block="layers.{}", embed="embed_tokens", final="norm")

MODELS = [
    TinyModel("llama", llama, partial(dump, LAYOUT)),
    TinyModel("llama-tied-bf16", tied_bf16, partial(dump, LAYOUT), older=without_head_dim),
    TinyModel("llama3-rope-scaling", scaled, partial(dump, LAYOUT), older=older_rope),
    TinyModel("llama-classes", with_classes, partial(dump, LAYOUT), load=load_as("LlamaForSequenceClassification"), lens=None),
    TinyModel("llama-base", bare, partial(dump, BARE), load=load_as("LlamaModel"), lens=None),
]
