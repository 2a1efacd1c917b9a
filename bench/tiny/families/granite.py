"""Granite 3.

Reads: what Llama's does, and embedding_multiplier, attention_multiplier (what scores are multiplied by),
residual_multiplier (of what attention and MLP add to the stream) and logits_scaling (what logits are divided by);
each is 1 where it is left out.
"""
from functools import partial

from tiny.decoder import Layout, dump
from tiny.families.llama import turned
from tiny.model import TinyModel, older_rope
from tiny.weights import scramble

LAYOUT = Layout(
    rotary=turned, scale=lambda config: config.attention_multiplier,
    embed_scale=lambda config: config.embedding_multiplier, branch_scale=lambda config: config.residual_multiplier,
    logit_scale=lambda config: 1 / config.logits_scaling)


def granite():
    from transformers import GraniteConfig, GraniteForCausalLM

    return scramble(GraniteForCausalLM(GraniteConfig(
        vocab_size=57, hidden_size=24, intermediate_size=38, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5, embedding_multiplier=3.0,
        attention_multiplier=0.3, residual_multiplier=0.7, logits_scaling=2.5,
        rope_parameters={"rope_type": "default", "rope_theta": 900.0}, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2, dtype="float32")), 20240571)


MODELS = [TinyModel("granite", granite, partial(dump, LAYOUT), older=older_rope, lens=None)]
