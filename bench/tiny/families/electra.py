"""ELECTRA: BERT with embeddings of their own width.

Reads: what BERT's does, and embedding_size; where it is not hidden_size, embeddings_project brings the normed
embeddings to the stream. summary_* are of multiple choice alone.
Refuse: as for BERT.
Heads: ElectraForPreTraining (the discriminator): discriminator_predictions.dense, hidden_act, and dense_prediction of
each position, one number. ElectraForMaskedLM (the generator): generator_predictions.dense to embedding_size, GELU,
LayerNorm, generator_lm_head tied to the words, with its own bias. ElectraForSequenceClassification: classifier.dense
and GELU of the first position, classifier.out_proj. ElectraModel has no pooler.
"""
from dataclasses import replace
from functools import partial

from tiny.families import bert
from tiny.weights import scramble

GENERATOR = replace(bert.MASKED, embeddings="electra.embeddings", block="electra.encoder.layer.{}",
                    project="electra.embeddings_project", masked_head=(
                        "generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head"))
DISCRIMINATOR = replace(GENERATOR, masked_head=None, token_dense="discriminator_predictions.dense",
                        per_token="discriminator_predictions.dense_prediction")
BARE = replace(GENERATOR, embeddings="embeddings", block="encoder.layer.{}", project="embeddings_project",
               masked_head=None)


def fitted(layout, config):
    """The table without a projection where embeddings are as wide as the stream."""
    return replace(layout, project=None) if config.embedding_size == config.hidden_size else layout


def electra(kind, seed):
    import transformers

    return scramble(getattr(transformers, kind)(transformers.ElectraConfig(
        vocab_size=58, embedding_size=14, hidden_size=20, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=30, max_position_embeddings=12, type_vocab_size=2, pad_token_id=0, dtype="float32")), seed)


MODELS = [
    bert.encoder("electra-discriminator", DISCRIMINATOR, partial(electra, "ElectraForPreTraining", 20240551),
                 "ElectraForPreTraining", lens=None),
    bert.encoder("electra-generator", GENERATOR, partial(electra, "ElectraForMaskedLM", 20240552),
                 "ElectraForMaskedLM", lens=None),
]
