"""GPT-NeoX and Pythia.

Reads: num_hidden_layers, num_attention_heads, hidden_size, intermediate_size, vocab_size,
max_position_embeddings, layer_norm_eps, hidden_act, tie_word_embeddings (absent: false),
attention_bias (absent: true). Rotary part of a head: rotary_pct and rotary_emb_base, or
rope_parameters.partial_rotary_factor and .rope_theta; int(d_head * part) dimensions turn, halves
against each other. use_parallel_residual (absent: true); false is the ordinary sequential block.
Weights: queries, keys and values in one, by head: [head, (q, k, v), d_head]. The unembedding is
embed_out.weight. Ignored in older files: attention.bias, attention.masked_bias,
attention.rotary_emb.inv_freq.
"""
from functools import partial

from tiny import rotary
from tiny.decoder import Layout, dump
from tiny.model import TinyModel
from tiny.weights import scramble


def turned(config, layer):
    rope = config.rope_parameters
    width = config.hidden_size // config.num_attention_heads
    return rotary.Rotary(rotary.frequencies(rope["rope_theta"], int(width * rope["partial_rotary_factor"])))


def split(run, at):
    """[pos, head * (q, k, v) * d_head] to three of [pos, head, d_head]."""
    qkv = run.out(at + ".query_key_value")
    return qkv.reshape(len(qkv), run.config.num_attention_heads, -1).chunk(3, -1)


def layout(parallel):
    return Layout(
        block="gpt_neox.layers.{}", attention="attention", output="attention.dense", mlp="mlp",
        down="mlp.dense_4h_to_h", final="gpt_neox.final_layer_norm", embed="gpt_neox.embed_in", qkv=split,
        branches=lambda run, at: (run.out(at + ".mlp.dense_h_to_4h"), None), rotary=turned, parallel=parallel)


def neox(parallel, seed):
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

    return scramble(GPTNeoXForCausalLM(GPTNeoXConfig(
        vocab_size=58, hidden_size=24, intermediate_size=44, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=48, layer_norm_eps=1e-5, hidden_act="gelu",
        rope_parameters={"rope_type": "default", "rope_theta": 3000.0, "partial_rotary_factor": 0.5},
        use_parallel_residual=parallel, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2,
        dtype="float32")), seed)


def older(config):
    rope = config.pop("rope_parameters")
    config["rotary_pct"] = rope["partial_rotary_factor"]
    config["rotary_emb_base"] = rope["rope_theta"]
    config["torch_dtype"] = config.pop("dtype")
    config.pop("attention_bias")


MODELS = [
    TinyModel("gpt-neox", partial(neox, True, 20240511), partial(dump, layout(True)), older=older),
    TinyModel("gpt-neox-sequential", partial(neox, False, 20240512), partial(dump, layout(False))),
]
