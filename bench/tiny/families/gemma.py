"""Gemma, Gemma 2 and Gemma 3 (text).

Reads: num_hidden_layers, num_attention_heads, num_key_value_heads, hidden_size, head_dim,
intermediate_size, vocab_size, max_position_embeddings, rms_norm_eps, hidden_activation (older files
may have hidden_act beside it, which is not used), tie_word_embeddings (absent: true),
query_pre_attn_scalar (scores times its -1/2 power), sliding_window, attn_logit_softcapping and
final_logit_softcapping (cap * tanh(x / cap); null: none), attention_bias.
layer_types, else sliding_window_pattern n: every n-th layer sees all, the others a window; Gemma 2
alternates, starting with a window. Rotary: rope_theta; Gemma 3 has rope_local_base_freq besides, for
layers with a window, and rope_scaling ("linear", factor) for the others; newer files keep both in
rope_parameters.full_attention and .sliding_attention.
Norms multiply by 1 + weight. Embeddings are multiplied by sqrt(hidden_size), which transformers rounds
to the dtype that it computes in; hook_embed comes after. Gemma 3 has q_norm and k_norm, of each head.
Gemma has the plain block of Llama. Of model_type "gemma3" the nested text model is read, and the tensors of images are not.
Refuse: use_bidirectional_attention true.
"""
from functools import partial

from tiny import rotary
from tiny.decoder import Layout, dump
from tiny.families.llama import turned as turned_alike
from tiny.model import TinyModel, older_rope
from tiny.weights import scramble

NORMS = {"ln1": "input_layernorm", "ln1_post": "post_attention_layernorm",
         "ln2": "pre_feedforward_layernorm", "ln2_post": "post_feedforward_layernorm"}


def turned(config, layer):
    rope = config.rope_parameters.get(config.layer_types[layer], config.rope_parameters)
    plain = rotary.frequencies(rope["rope_theta"], config.head_dim)
    return rotary.Rotary(rotary.linear(plain, rope["factor"]) if rope["rope_type"] == "linear" else plain)


LAYOUT = Layout(
    norms=NORMS, rotary=turned, offset_norms=True,
    window=lambda config, layer: config.sliding_window if config.layer_types[layer] == "sliding_attention" else None,
    scale=lambda config: config.query_pre_attn_scalar ** -0.5, activation=lambda config: config.hidden_activation)


FIRST = Layout(rotary=turned_alike, offset_norms=True)


def gemma():
    from transformers import GemmaConfig, GemmaForCausalLM

    return scramble(GemmaForCausalLM(GemmaConfig(
        vocab_size=56, hidden_size=20, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=1, head_dim=6, max_position_embeddings=64, rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 700.0}, tie_word_embeddings=True,
        pad_token_id=0, bos_token_id=2, eos_token_id=1, dtype="float32")), 20240574, offset_norms=True)


def gemma2():
    from transformers import Gemma2Config, Gemma2ForCausalLM

    # Caps low enough to bend.
    return scramble(Gemma2ForCausalLM(Gemma2Config(
        vocab_size=57, hidden_size=20, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=6, max_position_embeddings=64, rms_norm_eps=1e-6, sliding_window=3,
        query_pre_attn_scalar=10, attn_logit_softcapping=2.0, final_logit_softcapping=3.0,
        rope_parameters={"rope_type": "default", "rope_theta": 700.0}, tie_word_embeddings=True,
        pad_token_id=0, bos_token_id=2, eos_token_id=1, dtype="float32")), 20240525, offset_norms=True)


def gemma3():
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    return scramble(Gemma3ForCausalLM(Gemma3TextConfig(
        vocab_size=58, hidden_size=18, intermediate_size=28, num_hidden_layers=3, num_attention_heads=3,
        num_key_value_heads=1, head_dim=8, max_position_embeddings=64, rms_norm_eps=1e-6, sliding_window=3,
        sliding_window_pattern=2, query_pre_attn_scalar=12,
        rope_parameters={"full_attention": {"rope_type": "linear", "rope_theta": 5000.0, "factor": 4.0},
                         "sliding_attention": {"rope_type": "default", "rope_theta": 300.0}},
        tie_word_embeddings=True, pad_token_id=0, bos_token_id=2, eos_token_id=1,
        dtype="float32")), 20240526, offset_norms=True)


def older_gemma(config):
    """The first release's name of the activation."""
    older_rope(config)
    config["hidden_act"] = "gelu"


def older_gemma2(config):
    older_rope(config)
    config.pop("layer_types")
    config.pop("rope_scaling")
    config["hidden_act"] = config["hidden_activation"]


def older_gemma3(config):
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope["full_attention"].pop("rope_theta")
    config["rope_scaling"] = rope["full_attention"]
    config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
    config["sliding_window_pattern"] = 2
    config["torch_dtype"] = config.pop("dtype")
    config.pop("layer_types")
    config.pop("_sliding_window_pattern")


MODELS = [
    TinyModel("gemma", gemma, partial(dump, FIRST), older=older_gemma),
    TinyModel("gemma2", gemma2, partial(dump, LAYOUT), older=older_gemma2),
    TinyModel("gemma3", gemma3, partial(dump, LAYOUT), older=older_gemma3),
]
