"""GPT-J.

Reads: n_layer, n_head, n_embd, n_inner (null: 4 * n_embd), vocab_size, n_positions,
layer_norm_epsilon, activation_function, rotary_dim (null: the whole head), tie_word_embeddings
(absent: false).
Attention and MLP in parallel, both reading one norm, ln_1. The first rotary_dim dimensions of a head
turn, neighbours (2i, 2i + 1) against each other, base 10000. No biases in attention; the unembedding
has one (lm_head.bias). Ignored in older files: attn.bias, attn.masked_bias.
"""
from functools import partial

from tiny import rotary
from tiny.decoder import Layout, dump
from tiny.lens import DELEGATED
from tiny.model import TinyModel
from tiny.weights import scramble

LAYOUT = Layout(
    block="transformer.h.{}", norms={"ln1": "ln_1", "ln2": "ln_1"}, attention="attn", output="attn.out_proj",
    mlp="mlp", down="mlp.fc_out", final="transformer.ln_f", embed="transformer.wte",
    branches=lambda run, at: (run.out(at + ".mlp.fc_in"), None),
    rotary=lambda config, layer: rotary.Rotary(rotary.frequencies(10000.0, config.rotary_dim), neighbours=True),
    activation=lambda config: config.activation_function, parallel=True)


def gptj():
    from transformers import GPTJConfig, GPTJForCausalLM

    return scramble(GPTJForCausalLM(GPTJConfig(
        vocab_size=57, n_positions=40, n_embd=24, n_layer=2, n_head=4, rotary_dim=4, n_inner=40,
        activation_function="gelu_new", layer_norm_epsilon=1e-5, tie_word_embeddings=False,
        bos_token_id=1, eos_token_id=2, dtype="float32")), 20240513)


MODELS = [TinyModel("gptj", gptj, partial(dump, LAYOUT), lens=DELEGATED)]
