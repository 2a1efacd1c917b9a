"""Writes the small tokenizers of engine/src/test/resources/tokenizers, each with what the reference library makes of
some texts and pairs of texts.

    python bench/make_tiny_tokenizers.py engine/src/test/resources/tokenizers
"""

import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

WORDS = (
    "the a cat cats dog sat ran on mat . , red blue is paris rome in it tower hall city of france italy good bad film "
    "was very not ##s ##ing ##ed old new house tree here there he she they all one two three"
).split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TEXTS = [
    ["The tower is in [MASK]."],
    ["The cat sat, the dog ran.", "It was bad"],
    ["Cats"],
    ["[MASK] sat on  the Mat", "all was good."],
]


def word_piece(processor):
    vocabulary = {word: i for i, word in enumerate(SPECIAL + WORDS)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processor
    return tokenizer


def byte_level(processor):
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = {token: i for i, token in enumerate(specials + letters + ["\u0120t", "he", "\u0120the"])}
    merges = [("\u0120", "t"), ("h", "e"), ("\u0120t", "he")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([*specials, AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processor
    return tokenizer


def unigram():
    """DeBERTa's, as transformers builds it: pieces with scores, of which the text's likeliest split is taken."""
    from transformers import DebertaV2Tokenizer

    words = [(word.replace("##", "") if word.startswith("##") else "\u2581" + word, -5.0 - 0.1 * i)
             for i, word in enumerate(WORDS)]
    letters = [(letter, -12.0 - 0.1 * i) for i, letter in enumerate("\u2581abcdefghijklmnopqrstuvwxyz.,")]
    specials = [(token, 0.0) for token in ("[PAD]", "[CLS]", "[SEP]", "[UNK]")]
    return DebertaV2Tokenizer(vocab=[*specials, *words, *letters, ("[MASK]", 0.0)]).backend_tokenizer


TOKENIZERS = {
    "unigram-deberta": unigram(),
    "wordpiece-template": word_piece(
        processors.TemplateProcessing(
            single="[CLS]:0 $A:0 [SEP]:0",
            pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
            special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
        )
    ),
    "wordpiece-bert": word_piece(processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))),
    "bytelevel-roberta": byte_level(processors.RobertaProcessing(("</s>", 2), ("<s>", 0))),
    "bytelevel-sequence": byte_level(
        processors.Sequence(
            [
                processors.ByteLevel(trim_offsets=False),
                processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B:1", special_tokens=[("<s>", 0)]),
            ]
        )
    ),
    "wordpiece-plain": word_piece(processors.ByteLevel()),
}


def encoded(tokenizer, texts):
    found = tokenizer.encode(*texts)
    return {"texts": texts, "ids": found.ids, "types": found.type_ids}


def main(folder):
    for name, tokenizer in TOKENIZERS.items():
        where = Path(folder, name)
        where.mkdir(parents=True, exist_ok=True)
        where.joinpath("tokenizer.json").write_text(tokenizer.to_str() + "\n")
        mask = tokenizer.token_to_id("[MASK]") or tokenizer.token_to_id("<mask>")
        expected = {"mask": mask, "encodings": [encoded(tokenizer, texts) for texts in TEXTS]}
        where.joinpath("expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
