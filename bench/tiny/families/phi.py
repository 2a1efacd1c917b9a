"""Phi-1, Phi-1.5 and Phi-2.

Reads: what Llama's does, layer_norm_eps, and partial_rotary_factor (left out: 0.5). Attention and MLP in parallel, both
reading one LayerNorm; biases everywhere, in the unembedding too.
Refuse: qk_layernorm true.
"""
from functools import partial

from tiny.decoder import Layout, dump
from tiny.families.stablelm import turned
from tiny.lens import DELEGATED
from tiny.model import TinyModel, older_rope
from tiny.weights import scramble

LAYOUT = Layout(
    norms={"ln1": "input_layernorm", "ln2": "input_layernorm"}, output="self_attn.dense", down="mlp.fc2",
    final="model.final_layernorm", branches=lambda run, at: (run.out(at + ".mlp.fc1"), None), rotary=turned,
    parallel=True)


def phi():
    from transformers import PhiConfig, PhiForCausalLM

    return scramble(PhiForCausalLM(PhiConfig(
        vocab_size=56, hidden_size=32, intermediate_size=44, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=64, layer_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 700.0, "partial_rotary_factor": 0.5},
        tie_word_embeddings=False, bos_token_id=1, eos_token_id=2, dtype="float32")), 20240572)


def older(config):
    factor = config["rope_parameters"].pop("partial_rotary_factor")
    older_rope(config)
    config["partial_rotary_factor"] = factor


MODELS = [TinyModel("phi", phi, partial(dump, LAYOUT), older=older, lens=DELEGATED)]
