"""OPT.

Reads: num_hidden_layers, num_attention_heads, hidden_size, ffn_dim, vocab_size,
max_position_embeddings, activation_function, tie_word_embeddings (absent: true), enable_bias and
layer_norm_elementwise_affine (absent: true). LayerNorm's epsilon is 1e-5, not in the config.
Position p reads row p + 2 of embed_positions, which has max_position_embeddings + 2 rows.
Refuse: do_layer_norm_before false and word_embed_proj_dim other than hidden_size (OPT-350m),
_remove_final_layer_norm true, enable_bias false, layer_norm_elementwise_affine false.
Weights: names lack the leading "model." where a file was saved from the bare model.
"""
from functools import partial

from tiny.decoder import Layout, dump
from tiny.lens import DELEGATED
from tiny.model import TinyModel
from tiny.weights import scramble

LAYOUT = Layout(
    block="model.decoder.layers.{}", norms={"ln1": "self_attn_layer_norm", "ln2": "final_layer_norm"},
    output="self_attn.out_proj", mlp="fc2", down="fc2", final="model.decoder.final_layer_norm",
    embed="model.decoder.embed_tokens", positions="model.decoder.embed_positions",
    branches=lambda run, at: (run.out(at + ".fc1"), None),
    activation=lambda config: config.activation_function)


def opt():
    from transformers import OPTConfig, OPTForCausalLM

    return scramble(OPTForCausalLM(OPTConfig(
        vocab_size=59, hidden_size=21, num_hidden_layers=2, num_attention_heads=3, ffn_dim=38,
        word_embed_proj_dim=21, max_position_embeddings=30, activation_function="relu",
        do_layer_norm_before=True, pad_token_id=1, bos_token_id=2, eos_token_id=2, dtype="float32")), 20240515)


MODELS = [TinyModel("opt", opt, partial(dump, LAYOUT), lens=DELEGATED)]
