"""BERT, and MiniLM, which is one: post-norm encoders.

Reads: num_hidden_layers, num_attention_heads, hidden_size, intermediate_size, vocab_size,
max_position_embeddings, type_vocab_size, layer_norm_eps, hidden_act, pad_token_id, architectures (which
head), id2label (classes), tie_word_embeddings (absent: true).
Refuse: position_embedding_type other than "absolute" (in older configs), is_decoder true,
add_cross_attention true, an embedding_size other than hidden_size.
Heads: BertForMaskedLM: dense, activation, LayerNorm, unembedding tied to the words, with a bias
(cls.predictions.bias; cls.predictions.decoder.bias repeats it). BertForSequenceClassification: pooler
(dense and tanh of the first position), classifier. BertModel: names without "bert.", pooler may be
absent. BertForTokenClassification and BertForQuestionAnswering: a classifier of each position, no pooler; of
questions, one class is an answer's start and one its end. BertForNextSentencePrediction: pooler and
cls.seq_relationship. BertForPreTraining files have the pooler and cls.seq_relationship besides; ignore those for a
masked LM. Older files call a norm's weight and bias gamma and beta, and hold embeddings.position_ids.
Attention sees every position of its own sequence; padding is only a batch's.
"""
from dataclasses import replace
from functools import partial

import torch

from tiny.encoder import PROMPTS, Layout, dump
from tiny.model import TinyModel
from tiny.weights import scramble

BLOCK = dict(q="attention.self.query", k="attention.self.key", v="attention.self.value",
             output="attention.output.dense", ln1="attention.output.LayerNorm", ln2="output.LayerNorm",
             up="intermediate.dense", down="output.dense")
MASKED = Layout("bert.embeddings", "bert.encoder.layer.{}", **BLOCK, masked_head=(
    "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder"))


def pooled(at, run, model, stream):
    dense = model.get_submodule(at)
    return torch.tanh(stream[0] @ dense.weight.T + dense.bias)


CLASSES = replace(MASKED, masked_head=None, pooler=partial(pooled, "bert.pooler.dense"), classifier="classifier")
TOKENS = replace(MASKED, masked_head=None, per_token="classifier")
QUESTIONS = replace(MASKED, masked_head=None, per_token="qa_outputs")
NEXT_SENTENCE = replace(CLASSES, classifier="cls.seq_relationship")
BARE = replace(MASKED, embeddings="embeddings", block="encoder.layer.{}", masked_head=None,
               pooler=partial(pooled, "pooler.dense"))

# What a post-norm block calls things in TransformerLens's bridge; hook_resid_mid and the like are not
# HookedEncoder's there.
LENS = {
    "hook_embed": "embed.hook_out", "hook_pos_embed": "pos_embed.hook_out",
    "hook_token_type_embed": "token_type_embed.hook_out", "hook_full_embed": "embed_ln.hook_out",
    "embed.ln.hook_scale": "embed_ln.hook_scale", "embed.ln.hook_normalized": "embed_ln.hook_normalized",
    "hook_attn_out": "attn.o.hook_out", "hook_resid_mid": "ln1.hook_in", "hook_mlp_in": "ln1.hook_in",
    "hook_resid_post": "ln2.hook_in", "hook_normalized_resid_post": "ln2.hook_out",
    "attn.hook_attn_scores": None, "mlm_head.hook_pre": "mlm_head.hook_out", "mlm_head.hook_post": "ln_final.hook_in"}


def lens_input(prompt):
    return {"input": torch.tensor([prompt["ids"]]), "token_type_ids": torch.tensor([prompt["token_types"]])}


def bert(kind, seed, **sizes):
    import transformers

    return scramble(getattr(transformers, kind)(transformers.BertConfig(**{**dict(
        vocab_size=58, hidden_size=21, num_hidden_layers=2, num_attention_heads=3, intermediate_size=34,
        max_position_embeddings=16, type_vocab_size=2, layer_norm_eps=1e-12, pad_token_id=0,
        dtype="float32"), **sizes})), seed)


def load(kind, folder, dtype):
    import transformers

    return getattr(transformers, kind).from_pretrained(folder, dtype=dtype, attn_implementation="eager")


def encoder(folder, layout, make, kind, prompts=PROMPTS, **rest):
    return TinyModel(folder, make, partial(dump, layout, prompts), lambda: prompts, "encoder",
                     load=partial(load, kind), **rest)


MODELS = [
    encoder("bert-masked", MASKED, partial(bert, "BertForMaskedLM", 20240531), "BertForMaskedLM",
            lens=LENS, lens_input=lens_input),
    encoder("bert-classes", CLASSES, partial(bert, "BertForSequenceClassification", 20240532, num_labels=3),
            "BertForSequenceClassification", lens=None),
    encoder("bert-tokens", TOKENS, partial(bert, "BertForTokenClassification", 20240541, num_labels=5),
            "BertForTokenClassification", lens=None),
    encoder("bert-questions", QUESTIONS, partial(bert, "BertForQuestionAnswering", 20240542, hidden_size=18,
                                                 intermediate_size=26), "BertForQuestionAnswering", lens=None),
    encoder("bert-next-sentence", NEXT_SENTENCE, partial(
        bert, "BertForNextSentencePrediction", 20240543, hidden_size=18, intermediate_size=26),
            "BertForNextSentencePrediction", lens=None),
    encoder("minilm", BARE, partial(bert, "BertModel", 20240533, hidden_size=24, num_attention_heads=6,
                                    intermediate_size=40), "BertModel", lens=None),
]
