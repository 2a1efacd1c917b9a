"""Writes small SentencePiece and WordPiece vocabularies, as a GGUF holds them, and what references make of texts.

    python make_tokenizer_cases.py --out engine/src/test/resources/tokens

For sentencepiece.json, three vocabularies are trained with sentencepiece on the sentences below: `prefixed`, as Llama 2, Mistral and Phi-3 have
it (a blank before the text, bytes for what is in no token); `plain`, as Gemma has it (no blank, runs of blanks and line
ends and tags as tokens of their own, other names of the special tokens); `unknown`, without bytes, where the rest becomes
<unk>. The ids are sentencepiece's own. A text with special tokens is cut at these first, as llama.cpp and transformers
do, since sentencepiece knows none in texts. transformers' LlamaTokenizer and GemmaTokenizer have to agree; a text that
begins with a blank is left out for the former, which drops that blank.

For wordpiece.json, two are trained with tokenizers, `uncased` and `cased`; the ids are those of transformers'
BertTokenizer. llama.cpp's converter marks the pieces that begin a word, not those that do not (`phantom space`).
"""
import argparse
import io
import json
import re
from pathlib import Path

import sentencepiece
import transformers
from tokenizers import BertWordPieceTokenizer
from transformers import BertTokenizer, GemmaTokenizer, LlamaTokenizer
from transformers.convert_slow_tokenizer import generate_merges

SENTENCES = [
    "The old lighthouse keeper counted the ships, and the ships counted on him.",
    "Paris is the capital of France; Rome is the capital of Italy.",
    "When Mary and John went to the store, John gave a drink to Mary.",
    "    if the list is empty:  return 0",
    "The Colosseum is in Rome and the Eiffel Tower is in Paris, the city of light.",
    "In 1998 there were 12 of them; in 2004 there were 345.",
    "naïve café über",
]
TEXTS = [
    "The ships", " The ships", "  The   ships  ", "the", " ", "   ", "Paris", " Paris is", "Rome.", "ParisRome",
    "a\nb", "\n", "\n\n\nThe", "The\n\n", "\t", "a\tthe\tb", "\r\n", " \n ", "\n The",
    "😀", " 😀 the", "👩‍👩‍👧 the", "日本語 Paris", "naïve café", "Ünïcödé", "e\u0301", "\u00a0the", "\u2581the",
    "\u0000\u0001", "\ufffd", "<0x0A>", "if the list is empty:  return 0", "        the", "1998 and 20045",
    "the capital of the capital of the city", "Mary,John;Rome:Paris!?", "((([[[{{{", "\u2028x", "ﬁ", "Å", "ｆｕｌｌ",
]
SPECIAL = [
    "{bos}The ships", "{bos} The", "The{eos}", "{bos}{bos}", "the {eos} the", "{bos}the\n{eos}\nParis", "x{bos}y",
    "a {unk} b", "< s>", "{bos}", "{bos}  the",
]
RUNS = ["\u2581" * n for n in range(2, 9)] + ["\n", "\n\n", "\n\n\n", "<h1>", "</h1>"]
RUN_TEXTS = ["<h1>Paris</h1> the", "the<h1>", "the          Rome", "\n" * 7 + "the", "<h1 >", "  <h1>  "]
UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 2, 3, 4, 5, 6


def trained(**options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 10), model_writer=model, model_type="bpe", minloglevel=2, num_threads=1,
        normalization_rule_name="identity", remove_extra_whitespaces=False, split_by_number=False, **options)
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def token_type(pieces, token, users):
    if pieces.is_unknown(token):
        return UNKNOWN
    if pieces.is_control(token):
        return CONTROL
    if pieces.is_byte(token):
        return BYTE
    return USER_DEFINED if pieces.id_to_piece(token) in users else 1


def metadata(pieces, prefix, users):
    """The keys of a GGUF, as llama.cpp's converter writes them: blanks of the user's own tokens are blanks."""
    every = range(pieces.get_piece_size())
    types = [token_type(pieces, token, users) for token in every]
    texts = [pieces.id_to_piece(token) for token in every]
    texts = [t.replace("\u2581", " ") if kind == USER_DEFINED else t for t, kind in zip(texts, types)]
    return {
        "tokenizer.ggml.model": "llama", "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.tokens": texts,
        "tokenizer.ggml.scores": [pieces.get_score(token) for token in every],
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.bos_token_id": pieces.bos_id(), "tokenizer.ggml.eos_token_id": pieces.eos_id(),
        "tokenizer.ggml.unknown_token_id": pieces.unk_id(),
        "tokenizer.ggml.add_bos_token": True, "tokenizer.ggml.add_eos_token": False,
        "tokenizer.ggml.add_space_prefix": prefix,
    }


def encoded(pieces, text):
    """Ids of sentencepiece, of the parts between special tokens."""
    special = [pieces.id_to_piece(i) for i in range(pieces.get_piece_size())
               if pieces.is_control(i) or pieces.is_unknown(i)]
    ids = []
    for part in re.split("(" + "|".join(map(re.escape, special)) + ")", text):
        ids += [pieces.piece_to_id(part)] if part in special else pieces.encode(part)
    return ids


def peer(pieces, prefix, users):
    """The reference library's tokenizer of the same vocabulary."""
    every = range(pieces.get_piece_size())
    vocabulary = {pieces.id_to_piece(token): token for token in every}
    scores = {pieces.id_to_piece(token): pieces.get_score(token) for token in every if token_type(pieces, token, ()) == 1}
    merges = generate_merges(vocabulary, scores)
    if prefix:
        return LlamaTokenizer(vocab=vocabulary, merges=merges, unk_token=pieces.id_to_piece(pieces.unk_id()))
    tokenizer = GemmaTokenizer(vocab=vocabulary, merges=merges)
    tokenizer.add_tokens([user for user in users if "\u2581" not in user])
    return tokenizer


def case(pieces, tokenizer, prefix, text):
    ids = encoded(pieces, text)
    if tokenizer and not (prefix and text[0] in " \u2581" or "{" in text):
        theirs = tokenizer.encode(text, add_special_tokens=False)
        assert theirs == ids, (text, tokenizer.convert_ids_to_tokens(theirs), pieces.id_to_piece(ids))
    # sentencepiece writes an unknown token as a sign of its own.
    return {"text": text, "ids": ids} | ({} if pieces.unk_id() in ids else {"decoded": pieces.decode(ids)})


def vocabulary(prefix, names, users=(), with_peer=True, **options):
    pieces = trained(add_dummy_prefix=prefix, user_defined_symbols=list(users), **names, **options)
    unk, bos, eos = (pieces.id_to_piece(i) for i in (pieces.unk_id(), pieces.bos_id(), pieces.eos_id()))
    tokenizer = peer(pieces, prefix, users) if with_peer else None
    cases = [case(pieces, tokenizer, prefix, text) for text in TEXTS + (RUN_TEXTS if users else [])]
    for text in SPECIAL:
        filled = text.format(unk=unk, bos=bos, eos=eos)
        cases.append({"text": filled, "ids": encoded(pieces, filled)})
    return {"metadata": metadata(pieces, prefix, users), "cases": cases}


BERT_TEXTS = ["[MASK] is the capital of France.", "[CLS] the [SEP]", "the [mask]", "##ing", "x" * 101, "[UNK]"]


def phantom(token):
    """A token as llama.cpp's converter writes it."""
    if token.startswith("[") and token.endswith("]"):
        return token
    return token[2:] if token.startswith("##") else "\u2581" + token


def wordpiece(small):
    trainer = BertWordPieceTokenizer(lowercase=small, strip_accents=small)
    trainer.train_from_iterator(SENTENCES * 10, vocab_size=150, min_frequency=1, show_progress=False)
    vocabulary = trainer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.get)
    tokenizer = BertTokenizer(vocab=vocabulary, do_lower_case=small)
    special = {name: vocabulary[f"[{text}]"] for name, text in
               {"bos": "CLS", "seperator": "SEP", "padding": "PAD", "mask": "MASK", "unknown": "UNK"}.items()}
    texts = TEXTS + BERT_TEXTS
    encodings = [tokenizer.encode(text, add_special_tokens=False) for text in texts]
    return {
        "metadata": {
            "tokenizer.ggml.model": "bert", "tokenizer.ggml.tokens": [phantom(token) for token in tokens],
            "tokenizer.ggml.token_type": [CONTROL if vocabulary[t] in special.values() else 1 for t in tokens],
            **{f"tokenizer.ggml.{name}_token_id": token for name, token in special.items()},
        },
        "cases": [{"text": text, "ids": ids, "decoded": tokenizer.decode(ids)} for text, ids in zip(texts, encodings)],
    }


def wordpieces():
    return {"reference": f"transformers {transformers.__version__}",
            "uncased": wordpiece(True), "cased": wordpiece(False)}


def sentencepieces():
    gemma = dict(pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>")
    return {
        "reference": f"sentencepiece {sentencepiece.__version__}",
        "prefixed": vocabulary(True, {}, byte_fallback=True, vocab_size=420),
        "plain": vocabulary(False, gemma, users=RUNS, byte_fallback=True, vocab_size=430),
        "unknown": vocabulary(True, {}, with_peer=False, vocab_size=160),
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=Path, required=True)
    out = arguments.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, made in {"sentencepiece": sentencepieces(), "wordpiece": wordpieces()}.items():
        (out / f"{name}.json").write_text(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
