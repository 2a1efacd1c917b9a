"""Writes the ids that llama.cpp itself gives to some texts under every name of `tokenizer.ggml.pre` that Kausal reads.

    python bench/make_pre_tokenizers.py engine/src/test/resources/tokens/pre-tokenizers.json

The vocabulary is a byte-level BPE trained on the texts without any cut, so that merges run over blanks, digits and signs
and another cut gives other ids. Some tokens no merge makes: a name that keeps whole tokens finds them. Where llama.cpp's cut is
known not to be the original tokenizer's, Kausal follows the original and the test leaves the text out. llama.cpp runs in
this process (package xllamacpp) and answers over its /tokenize. It never composes accents, which the tokenizers behind
qwen2's name do: these get composed texts.
"""
import json
import re
import sys
import tempfile
import unicodedata
import urllib.request
from pathlib import Path

import gguf
import numpy as np
import xllamacpp
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

SOURCE = Path(__file__).parent.parent / "engine/src/main/java/dev/kausal/engine/tokens/PreTokenizers.java"
TEXTS = [
    "The Eiffel Tower is in Paris.", "  two   blanks  ", "It's, they'RE, we'd've 'tis O'Neil", "x=12345+6.78e-9;",
    "in 1998, 20045 and 3", "def f(x):\n    return x ** 2\n\n\n", "a\r\nb\r\n\r\n", "\tTabs\t and \t blanks", "!!!???...\n\n",
    "path/to/file//x\n/y", "camelCase HTTPServer iPhoneX", "naïve café über Ärger", "e\u0301a\u0308 n\u0303",
    "日本語と中文 and 한국어 text", "Привет, мир! Ελληνικά", "नमस्ते दुनिया", "😀 👩‍👩‍👧 ok", "١٢٣ ½ ²", "a\u00a0b\u2003c\u3000d",
    "(foo)[bar]{baz}<qux>", "$100 #tag @name 50% x^2 a~b|c `d`", "…。，、। ۔،", "ǅ ǈ ʰ ª", "Whole Word", "",
]
# No merge makes these.
WHOLE = ["Tower", "ĠWord", "Whole"]
# The former some converters write, not llama.cpp's; the latter names no tokenizer: llama.cpp warns and cuts by guess.
WITHOUT_ORIGINAL = {"gpt2", "default"}
COMPOSED = {"qwen2", "deepseek-r1-qwen", "kormo", "megrez"}
SIZES = {"attn_norm": (32,), "ffn_norm": (32,), "attn_q": (32, 32), "attn_k": (32, 32), "attn_v": (32, 32),
         "attn_output": (32, 32), "ffn_gate": (32, 32), "ffn_up": (32, 32), "ffn_down": (32, 32)}


def names():
    groups = re.findall(r'names\(\s*Kind\.\w+,\s*"([^"]+)"', SOURCE.read_text())
    return sorted({name for group in groups for name in group.split()} - WITHOUT_ORIGINAL)


def vocabulary():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=800, initial_alphabet=alphabet, min_frequency=1, show_progress=False)
    tokenizer.train_from_iterator([text for text in TEXTS if text] * 2, trainer)
    state = json.loads(tokenizer.to_str())["model"]
    tokens = [token for token, _ in sorted(state["vocab"].items(), key=lambda item: item[1])]
    merges = [(m if isinstance(m, str) else " ".join(m)) for m in state["merges"]]
    merges = [m for m in merges if m.replace(" ", "") not in WHOLE]
    return tokens + [token for token in WHOLE if token not in tokens], merges


def write(path, name, tokens, merges):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(256)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(32)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(name)
    writer.add_token_list(tokens)
    writer.add_token_types([1] * len(tokens))
    writer.add_token_merges(merges)
    writer.add_tensor("token_embd.weight", np.zeros((len(tokens), 32), dtype=np.float32))
    writer.add_tensor("output_norm.weight", np.zeros(32, dtype=np.float32))
    for part, shape in SIZES.items():
        writer.add_tensor(f"blk.0.{part}.weight", np.zeros(shape, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def ids(path, texts):
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = 256
    parameters.warmup = False
    server = xllamacpp.Server(parameters)
    return [asked(server.listening_address, text) for text in texts]


def asked(address, text):
    body = json.dumps({"content": text, "add_special": False}).encode()
    request = urllib.request.Request(address + "/tokenize", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["tokens"]


def main():
    tokens, merges = vocabulary()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names():
            path = Path(folder) / f"{name}.gguf"
            write(path, name, tokens, merges)
            texts = [unicodedata.normalize("NFC", text) if name in COMPOSED else text for text in TEXTS]
            found[name] = ids(path, texts)
    groups = {}
    for name, cut in found.items():
        groups.setdefault(json.dumps(cut), []).append(name)
    cuts = [{"names": group, "ids": json.loads(cut)} for cut, group in groups.items()]
    result = {"tokens": tokens, "merges": merges, "texts": TEXTS, "cuts": cuts}
    Path(sys.argv[1]).write_text(json.dumps(result, ensure_ascii=False, separators=(",", ":")) + "\n")
    for cut in cuts:
        print(" ".join(cut["names"]))


main()
