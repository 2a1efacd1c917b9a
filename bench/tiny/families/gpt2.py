"""GPT-2.

Reads: n_layer, n_head, n_embd, n_inner (null: 4 * n_embd), vocab_size, n_positions,
layer_norm_epsilon, activation_function, tie_word_embeddings (absent: true).
Refuse: scale_attn_weights false, scale_attn_by_inverse_layer_idx true, add_cross_attention true.
Weights: Conv1D, stored [input, output]; queries, keys and values in one.
"""
from functools import partial

from tiny.decoder import Layout, dump
from tiny.model import TinyModel
from tiny.weights import scramble

LAYOUT = Layout(
    block="transformer.h.{}", norms={"ln1": "ln_1", "ln2": "ln_2"}, attention="attn", output="attn.c_proj",
    mlp="mlp", down="mlp.c_proj", final="transformer.ln_f", embed="transformer.wte",
    positions="transformer.wpe", qkv=lambda run, at: run.out(at + ".c_attn").chunk(3, -1),
    branches=lambda run, at: (run.out(at + ".mlp.c_fc"), None),
    activation=lambda config: config.activation_function, input_first=True)


def gpt2():
    from transformers import GPT2Config, GPT2LMHeadModel

    return scramble(GPT2LMHeadModel(GPT2Config(
        vocab_size=61, n_positions=32, n_embd=20, n_layer=2, n_head=4, n_inner=52,
        activation_function="gelu_new", layer_norm_epsilon=1e-5,
        bos_token_id=1, eos_token_id=2, dtype="float32")), 20240503)


MODELS = [TinyModel("gpt2", gpt2, partial(dump, LAYOUT))]
