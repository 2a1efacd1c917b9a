"""DistilBERT: BERT without token types and pooler.

Reads: n_layers, n_heads, dim, hidden_dim, vocab_size, max_position_embeddings, activation, pad_token_id,
architectures, id2label, tie_word_embeddings (absent: true). LayerNorm's epsilon is 1e-12, not in the config.
sinusoidal_pos_embds only says how the table was first filled; the file has it.
Heads: DistilBertForMaskedLM: vocab_transform, activation, vocab_layer_norm, vocab_projector, whose weight
is tied to the words. DistilBertForSequenceClassification: pre_classifier and ReLU of the first position,
classifier.
"""
from dataclasses import replace
from functools import partial

import torch

from tiny.encoder import PROMPTS, Layout
from tiny.families.bert import encoder
from tiny.weights import scramble

MASKED = Layout(
    "distilbert.embeddings", "distilbert.transformer.layer.{}", q="attention.q_lin", k="attention.k_lin",
    v="attention.v_lin", output="attention.out_lin", ln1="sa_layer_norm", ln2="output_layer_norm",
    up="ffn.lin1", down="ffn.lin2", masked_head=("vocab_transform", "vocab_layer_norm", "vocab_projector"),
    token_types=False, activation=lambda config: config.activation)


def pooled(run, model, stream):
    return torch.relu(stream[0] @ model.pre_classifier.weight.T + model.pre_classifier.bias)


CLASSES = replace(MASKED, masked_head=None, pooler=pooled, classifier="classifier")
TOKENS = replace(MASKED, masked_head=None, per_token="classifier")
QUESTIONS = replace(MASKED, masked_head=None, per_token="qa_outputs")
BARE = replace(MASKED, embeddings="embeddings", block="transformer.layer.{}", masked_head=None)
UNTYPED = [{"ids": prompt["ids"]} for prompt in PROMPTS]


def distilbert(kind, seed, **more):
    import transformers

    return scramble(getattr(transformers, kind)(transformers.DistilBertConfig(
        vocab_size=56, dim=18, n_layers=2, n_heads=3, hidden_dim=32, max_position_embeddings=12,
        pad_token_id=0, dtype="float32", **more)), seed)


MODELS = [
    encoder("distilbert-masked", MASKED, partial(distilbert, "DistilBertForMaskedLM", 20240536),
            "DistilBertForMaskedLM", prompts=UNTYPED, lens=None),
    encoder("distilbert-classes", CLASSES,
            partial(distilbert, "DistilBertForSequenceClassification", 20240537, num_labels=3),
            "DistilBertForSequenceClassification", prompts=UNTYPED, lens=None),
]
