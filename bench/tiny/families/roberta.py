"""RoBERTa: BERT with other positions and heads.

Reads: what BERT's does. Position p reads row p + pad_token_id + 1, tokens that are pad_token_id not counted,
which read row pad_token_id themselves; max_position_embeddings counts the
rows, so the context is that many less pad_token_id + 1. type_vocab_size is 1: one row, added to every
position.
Refuse: as for BERT.
Heads: RobertaForMaskedLM: lm_head.dense, GELU, lm_head.layer_norm, unembedding tied to the words, bias
lm_head.bias (lm_head.decoder.bias repeats it). RobertaForSequenceClassification: classifier.dense and
tanh of the first position, classifier.out_proj. The pooler is RobertaModel's alone; files of other classes may
bring one, which they do not read.
"""
from dataclasses import replace
from functools import partial

from tiny.encoder import PROMPTS
from tiny.families.bert import LENS, MASKED, encoder, lens_input, pooled
from tiny.weights import scramble

LAYOUT = replace(MASKED, embeddings="roberta.embeddings", block="roberta.encoder.layer.{}",
                 masked_head=("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder"))
CLASSES = replace(LAYOUT, masked_head=None, pooler=partial(pooled, "classifier.dense"),
                  classifier="classifier.out_proj")
TOKENS = replace(LAYOUT, masked_head=None, per_token="classifier")
QUESTIONS = replace(LAYOUT, masked_head=None, per_token="qa_outputs")
BARE = replace(LAYOUT, embeddings="embeddings", block="encoder.layer.{}", masked_head=None,
               pooler=partial(pooled, "pooler.dense"))
ONE_TYPE = [{**prompt, "token_types": [0] * len(prompt["ids"])} for prompt in PROMPTS]
# Padding inside a prompt takes no position.
PADDED = [{**prompt, "ids": ids} for prompt, ids in
          zip(ONE_TYPE, ([3, 17, 1, 5, 28, 1, 11], [9, 1, 52, 31], [7]))]


def roberta(kind, seed, **more):
    import transformers

    return scramble(getattr(transformers, kind)(transformers.RobertaConfig(
        vocab_size=57, hidden_size=20, num_hidden_layers=2, num_attention_heads=4, intermediate_size=30,
        max_position_embeddings=14, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0,
        eos_token_id=2, dtype="float32", **more)), seed)


MODELS = [
    encoder("roberta-masked", LAYOUT, partial(roberta, "RobertaForMaskedLM", 20240534), "RobertaForMaskedLM",
            prompts=ONE_TYPE, lens=LENS, lens_input=lens_input),
    encoder("roberta-classes", CLASSES, partial(roberta, "RobertaForSequenceClassification", 20240535, num_labels=3),
            "RobertaForSequenceClassification", prompts=PADDED, lens=None),
]
