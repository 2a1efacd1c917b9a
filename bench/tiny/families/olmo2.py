"""OLMo 2: norms after attention and MLP only, and one RMSNorm over all heads' queries (or keys).

Reads: what Llama's does (attention_bias absent: false; no mlp_bias).
q_norm is [heads * d_head], k_norm [kv_heads * d_head]: the mean square is over the whole row.
"""
from functools import partial

from tiny.decoder import Layout, dump
from tiny.families.llama import turned
from tiny.model import TinyModel
from tiny.weights import scramble

LAYOUT = Layout(rotary=turned, norms={"ln1_post": "post_attention_layernorm", "ln2_post": "post_feedforward_layernorm"})


def olmo2():
    from transformers import Olmo2Config, Olmo2ForCausalLM

    return scramble(Olmo2ForCausalLM(Olmo2Config(
        vocab_size=59, hidden_size=24, intermediate_size=34, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 4000.0}, tie_word_embeddings=False,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, dtype="float32")), 20240527)


MODELS = [TinyModel("olmo2", olmo2, partial(dump, LAYOUT))]
