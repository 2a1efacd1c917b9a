"""GPT-Neo; TinyStories models are of this family.

Reads: num_layers, num_heads, hidden_size, intermediate_size (null: 4 * hidden_size), vocab_size,
max_position_embeddings, layer_norm_epsilon, activation_function, window_size, attention_layers or
attention_types ([[["global", "local"], 6]]: the kinds in order, so many times), tie_word_embeddings
(absent: true).
Scores are not divided by sqrt(d_head). A local layer sees window_size positions, its own included.
No biases on queries, keys and values; the output has one. Ignored in older files:
attn.attention.bias, attn.attention.masked_bias.
"""
from functools import partial

from tiny.decoder import Layout, dump
from tiny.lens import DELEGATED
from tiny.model import TinyModel
from tiny.weights import scramble

LAYOUT = Layout(
    block="transformer.h.{}", norms={"ln1": "ln_1", "ln2": "ln_2"}, attention="attn.attention",
    output="attn.attention.out_proj", mlp="mlp", down="mlp.c_proj", final="transformer.ln_f",
    embed="transformer.wte", positions="transformer.wpe",
    branches=lambda run, at: (run.out(at + ".mlp.c_fc"), None),
    window=lambda config, layer: config.window_size if config.attention_layers[layer] == "local" else None,
    scale=lambda config: 1.0, activation=lambda config: config.activation_function)


def gpt_neo():
    from transformers import GPTNeoConfig, GPTNeoForCausalLM

    return scramble(GPTNeoForCausalLM(GPTNeoConfig(
        vocab_size=56, max_position_embeddings=32, hidden_size=20, num_layers=2, num_heads=5,
        intermediate_size=36, attention_types=[[["global", "local"], 1]], window_size=3,
        activation_function="gelu_new", layer_norm_epsilon=1e-5, bos_token_id=1, eos_token_id=2,
        dtype="float32")), 20240514)


MODELS = [TinyModel("gpt-neo", gpt_neo, partial(dump, LAYOUT), lens=DELEGATED)]
