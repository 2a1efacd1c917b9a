"""DeBERTa, versions 1 (model_type deberta) and 2 and 3 (deberta-v2): BERT whose scores add products with distances.

Reads: what BERT's does, and relative_attention, pos_att_type (a list, or one text with | between; c2p: queries meet
embeddings of distances; p2c: keys meet others; scores are divided by sqrt(d_head * (1 + their number)), also where
relative_attention is false), max_relative_positions (below 1: max_position_embeddings), position_biased_input (whether
there are position embeddings), type_vocab_size (0: no token types), embedding_size (embed_proj, no bias, before the
norm), pooler_hidden_act, legacy (false: lm_predictions.lm_head, whose unembedding is the words' always).
Version 2 besides: position_buckets (distances beyond half of it share embeddings by logarithm; 0 or less: none),
share_att_key (distances pass query_proj and key_proj, and have no pos_key_proj and pos_query_proj of their own),
norm_rel_ebd (layer_norm: encoder.LayerNorm, of the embeddings of distances).
Refuse: conv_kernel_size above 0 (version 2), talking_head (version 1), an attention_head_size or pooler_hidden_size of
its own, other terms in pos_att_type.
Version 1's in_proj holds queries, keys and values head by head, with q_bias and v_bias.
Heads: DebertaForSequenceClassification has pooler.dense and pooler_hidden_act of the first position. The base model has
no pooler. Files may hold mask_predictions, which no class reads, and position_embeddings that are not used.
"""
from dataclasses import replace
from functools import partial
from math import ceil, log

import torch
from torch.nn.functional import gelu

from tiny.families.bert import MASKED, encoder
from tiny.weights import scramble

LONG = [{"ids": [3, 17, 42, 5, 28, 50, 11, 8, 33, 21, 40, 6], "token_types": [0] * 5 + [1] * 7},
        {"ids": [9, 4, 52, 31], "token_types": [0, 1, 1, 0]}, {"ids": [7], "token_types": [0]}]


def distance_row(config, distance, span):
    """Row of the table of distances."""
    buckets, farthest = getattr(config, "position_buckets", -1), reach(config)
    if config.model_type == "deberta-v2" and buckets > 0 and abs(distance) > buckets // 2:
        half = buckets // 2
        far = ceil(log(abs(distance) / half) / log((farthest - 1) / half) * (half - 1)) + half
        distance = far if distance > 0 else -far
    return min(max(distance + span, 0), 2 * span - 1)


def reach(config):
    return config.max_relative_positions if config.max_relative_positions > 0 else config.max_position_embeddings


def terms(config):
    return config.pos_att_type or []


def distances(model, count):
    """Embedding of the distance from each key to each query [query, key, d_model]."""
    config = model.config
    encoder_of = getattr(model, "deberta", model).encoder
    table = encoder_of.rel_embeddings.weight
    if hasattr(encoder_of, "LayerNorm"):
        norm = encoder_of.LayerNorm
        table = torch.nn.functional.layer_norm(table, table.shape[-1:], norm.weight, norm.bias, norm.eps)
    rows = [[distance_row(config, query - key, len(table) // 2) for key in range(count)] for query in range(count)]
    return table[torch.tensor(rows)]


def added(model, at, q, k):
    """What scores have added [head, query, key]."""
    config = model.config
    if not config.relative_attention:
        return 0
    module = model.get_submodule(at + "attention.self")
    shared = config.model_type == "deberta-v2" and getattr(config, "share_att_key", False)
    first = config.model_type == "deberta"
    names = ("key_proj", "query_proj") if shared else ("pos_proj", "pos_q_proj") if first else (
        "pos_key_proj", "pos_query_proj")
    embedded = distances(model, len(q))
    total = 0
    for term, name, equation, met in (("c2p", names[0], "qhd,qkhd->hqk", q), ("p2c", names[1], "khd,qkhd->hqk", k)):
        if term in terms(config):
            projected = getattr(module, name)(embedded).unflatten(-1, (config.num_attention_heads, -1))
            total = total + torch.einsum(equation, met, projected)
    return total * scale(config)


def scale(config):
    return (config.hidden_size // config.num_attention_heads * (1 + len(terms(config)))) ** -0.5


def pooled(run, model, stream):
    dense = model.pooler.dense
    return gelu(stream[0] @ dense.weight.T + dense.bias)


def fused(run, model, at):
    """Version 1's projections."""
    module = model.get_submodule(at + "attention.self")
    heads = model.config.num_attention_heads
    q, k, v = run.out(at + "attention.self.in_proj").unflatten(-1, (heads, -1)).chunk(3, -1)
    return (q + module.q_bias.reshape(heads, -1), k, v + module.v_bias.reshape(heads, -1)), [at + "attention.self.in_proj"]


def words(model):
    return model.deberta.embeddings.word_embeddings.weight, model.lm_predictions.lm_head.bias


V2 = replace(MASKED, embeddings="deberta.embeddings", block="deberta.encoder.layer.{}", project="deberta.embeddings.embed_proj",
             projects_first=True, q="attention.self.query_proj", k="attention.self.key_proj", v="attention.self.value_proj",
             scale=scale, added=added)
V1 = replace(V2, qkv=fused)
NEW_HEAD = ("lm_predictions.lm_head.dense", "lm_predictions.lm_head.LayerNorm", words)
BARE_NAMES = dict(embeddings="embeddings", block="encoder.layer.{}", project="embeddings.embed_proj")
HEADS = {"ForMaskedLM": {}, "ForSequenceClassification": dict(masked_head=None, pooler=pooled, classifier="classifier"),
         "ForTokenClassification": dict(masked_head=None, per_token="classifier"),
         "ForQuestionAnswering": dict(masked_head=None, per_token="qa_outputs"),
         "Model": dict(masked_head=None, **BARE_NAMES)}
KINDS = {name + head: (layout, parts) for name, layout in (("DebertaV2", V2), ("Deberta", V1))
         for head, parts in HEADS.items()}


def layout(kind, config):
    """The table of a class under a config."""
    first, parts = KINDS[kind]
    found = replace(first, **parts, positions=config.position_biased_input, token_types=config.type_vocab_size > 0)
    if found.masked_head and not config.legacy:
        found = replace(found, masked_head=NEW_HEAD)
    narrow = getattr(config, "embedding_size", config.hidden_size) != config.hidden_size
    return found if narrow else replace(found, project=None)


def config_of(kind, **fields):
    import transformers

    sizes = dict(vocab_size=58, hidden_size=18, num_hidden_layers=2, num_attention_heads=3, intermediate_size=26,
                 max_position_embeddings=16, type_vocab_size=0, layer_norm_eps=1e-7, pad_token_id=0,
                 relative_attention=True, dtype="float32")
    return getattr(transformers, "DebertaV2Config" if "V2" in kind else "DebertaConfig")(**{**sizes, **fields})


def make(kind, seed, fields):
    import transformers

    return scramble(getattr(transformers, kind)(config_of(kind, **fields)), seed)


def model(folder, kind, seed, **fields):
    config = config_of(kind, **fields)
    prompts = [{**prompt, "token_types": [min(kind, max(0, config.type_vocab_size - 1)) for kind in prompt["token_types"]]}
               for prompt in LONG]
    return encoder(folder, layout(kind, config), partial(make, kind, seed, fields), kind, prompts=prompts, lens=None)


MODELS = [
    model("deberta-v3", "DebertaV2ForMaskedLM", 20240571, pos_att_type="p2c|c2p", position_buckets=6, norm_rel_ebd="layer_norm",
          share_att_key=True, position_biased_input=False, legacy=False),
    model("deberta-v2", "DebertaV2ForMaskedLM", 20240572, pos_att_type=["c2p", "p2c"], position_buckets=6, type_vocab_size=2,
          embedding_size=14),
    model("deberta-v2-classes", "DebertaV2ForSequenceClassification", 20240573, pos_att_type=["c2p"],
          max_relative_positions=5, norm_rel_ebd="layer_norm", num_labels=3),
    model("deberta-v2-tokens", "DebertaV2ForTokenClassification", 20240574, pos_att_type=["p2c"], share_att_key=True,
          position_biased_input=False, num_labels=4),
    model("deberta-v2-questions", "DebertaV2ForQuestionAnswering", 20240575, relative_attention=False,
          pos_att_type=["c2p", "p2c"], type_vocab_size=2),
    model("deberta-v2-bare", "DebertaV2Model", 20240576, norm_rel_ebd="layer_norm", position_buckets=4),
    model("deberta", "DebertaForMaskedLM", 20240577, pos_att_type="c2p|p2c", position_biased_input=False),
    model("deberta-classes", "DebertaForSequenceClassification", 20240578, pos_att_type=["p2c"], max_relative_positions=5,
          type_vocab_size=2, num_labels=3, hidden_size=20, num_attention_heads=4),
]
