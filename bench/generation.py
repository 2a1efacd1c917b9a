"""Continues prompts greedily with the library's generate, on every tiny decoder and on SmolLM2.

    python generation.py --tiny DIR [--gguf FILE] --out DIR

Writes DIR/tiny.json and, with --gguf, DIR/smollm2.json: per prompt the tokens, their log probabilities, and at every token the
runner-up and its distance in logits, since two sums in another order may choose either of two tokens that are nearly as likely.
"""
import argparse
import json
import os
import random

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from common import load_gguf, versions, write_json

LENGTHS = [1, 3, 4, 4, 9, 14]
TINY_TOKENS = 24
TOKENS = 40
TEXTS = [
    "The capital of France is",
    "Once upon a time there was a little boat that",
    "To bake bread you need flour, water and",
    "The three primary colours are red,",
    "In the morning the baker opened the shop and",
    "Water boils at a temperature of",
    "My favourite book is about a girl who",
    "The opposite of hot is",
    "Dear Anna,\n\nThank you for your letter. I",
    "def add(a, b):\n    return",
    "Seven days make a week, and twelve months make",
    "The old lighthouse stood on a rock, and every night",
    "A triangle has three sides; a square has",
    "If it rains tomorrow, we will",
    "The first person who walked on the moon was",
    "Cats and dogs are",
    "1, 2, 3, 4, 5,",
    "She looked at the map and said: \"",
    "The longest river of the world is",
    "Plants need light, because",
]


def continued(model, prompt, tokens, ends=None):
    ids = torch.tensor([prompt])
    out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, do_sample=False, num_beams=1,
                         eos_token_id=ends, pad_token_id=0, output_logits=True, return_dict_in_generate=True,
                         repetition_penalty=1.0)
    written = out.sequences[0, len(prompt):].tolist()
    logits = torch.stack(out.logits)[:, 0].double()
    best = logits.topk(2, -1)
    logs = logits.log_softmax(-1)
    return {"prompt": prompt, "tokens": written,
            "logProbabilities": [round(logs[i, token].item(), 7) for i, token in enumerate(written)],
            "second": best.indices[:, 1].tolist(),
            "gap": [round(gap, 7) for gap in (best.values[:, 0] - best.values[:, 1]).tolist()]}


def tiny(folder):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    config = AutoConfig.from_pretrained(folder).get_text_config()
    tokens = min(TINY_TOKENS, config.max_position_embeddings - max(LENGTHS))
    rng = random.Random(0)
    prompts = [[rng.randrange(config.vocab_size) for _ in range(length)] for length in LENGTHS]
    return [continued(model, prompt, tokens) for prompt in prompts]


def decoders(folder):
    for name in sorted(os.listdir(folder)):
        config = os.path.join(folder, name, "config.json")
        if os.path.exists(config):
            with open(config, encoding="utf-8") as file:
                architectures = json.load(file).get("architectures") or [""]
            if architectures[0].endswith(("CausalLM", "GPT2LMHeadModel")):
                yield name


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tiny", required=True)
    parser.add_argument("--gguf")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with torch.no_grad():
        models = {name: tiny(os.path.join(options.tiny, name)) for name in decoders(options.tiny)}
        write_json(os.path.join(options.out, "tiny.json"), {"versions": versions(), "models": models})
        print(*models)
        if options.gguf:
            model, tokenizer = load_gguf(options.gguf)
            ends = [model.config.eos_token_id]
            texts = [{"text": text, **continued(model, tokenizer(text).input_ids, TOKENS, ends)} for text in TEXTS]
            write_json(os.path.join(options.out, "smollm2.json"), {"versions": versions(), "ends": ends, "texts": texts})


if __name__ == "__main__":
    main()
