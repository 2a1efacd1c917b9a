"""Log-likelihoods of continuations with the library, on every tiny decoder and on SmolLM2.

    python likelihood.py --tiny DIR [--gguf FILE] --out DIR

Writes DIR/tiny.json and, with --gguf, DIR/smollm2.json: per prompt its tokens, and per continuation the tokens and the log
probability of all of them, unedited and with a head's output set to 0 at every position.
"""
import argparse
import os
import random

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from common import load_gguf, versions, write_json
from generation import decoders

PROMPTS = [1, 4, 9]
CONTINUATIONS = [1, 2, 5]
TEXTS = {
    "The capital of the United States is": [" Washington, D.C.", " New York City", " Paris"],
    "The author of Romeo and Juliet is": [" William Shakespeare", " Charles Dickens", " a French painter"],
    "To make an omelette, you first": [" break the eggs into a bowl", " close all of the windows"],
    "Question: What is two plus two?\nAnswer:": [" It is four.", " It is five."],
}


def likelihood(model, prompt, continuation):
    ids = torch.tensor([prompt + continuation])
    logs = model(ids).logits[0].double().log_softmax(-1)
    places = range(len(prompt) - 1, len(prompt) + len(continuation) - 1)
    return round(sum(logs[place, token].item() for place, token in zip(places, continuation)), 6)


def without_head(model, layer, head, size):
    """A hook on the output projection's input, which is the heads' outputs side by side."""
    def zero(module, inputs):
        x = inputs[0].clone()
        x[..., head * size:(head + 1) * size] = 0
        return (x,) + inputs[1:]
    return model.model.layers[layer].self_attn.o_proj.register_forward_pre_hook(zero)


def measured(model, prompt, continuations, head=None):
    entry = {"prompt": prompt, "continuations": continuations,
             "logLikelihoods": [likelihood(model, prompt, of) for of in continuations]}
    if head is not None:
        handle = without_head(model, *head)
        entry["withoutHead"] = [likelihood(model, prompt, of) for of in continuations]
        handle.remove()
    return entry


def tiny(folder):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    config = AutoConfig.from_pretrained(folder).get_text_config()
    rng = random.Random(1)
    draw = lambda length: [rng.randrange(config.vocab_size) for _ in range(length)]
    return [measured(model, draw(prompt), [draw(length) for length in CONTINUATIONS]) for prompt in PROMPTS]


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
            layer, head = 5, 3
            size = model.config.hidden_size // model.config.num_attention_heads
            texts = [{"text": text, "answers": answers,
                      **measured(model, tokenizer(text).input_ids, [tokenizer(of).input_ids for of in answers],
                                 (layer, head, size))}
                     for text, answers in TEXTS.items()]
            write_json(os.path.join(options.out, "smollm2.json"),
                       {"versions": versions(), "layer": layer, "head": head, "texts": texts})


if __name__ == "__main__":
    main()
