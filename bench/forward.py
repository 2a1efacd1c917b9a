"""Times Hugging Face's eager forward on a GGUF, dequantised to float32.

    python forward.py --gguf MODEL.gguf [--rounds 9] [--threads 2] [--tokens 10,64,256] [--last-logits]

Prints one JSON line for each prompt length, with medians in milliseconds. Rounds go through the
lengths in turn, so that a slow spell of the machine does not fall on one length alone. Ids are
(7 * i + 11) mod vocabulary, so that another implementation can run the same prompts.
"""
import argparse
import json
import os
import statistics
import time

import torch

from common import load_gguf, versions


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--warmups", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokens", default="10,64,256")
    parser.add_argument("--last-logits", action="store_true",
                        help="unembed the last position only, instead of all of them")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model, _ = load_gguf(options.gguf)
    extra = {"logits_to_keep": 1} if options.last_logits else {}
    prompts = {count: torch.tensor([[(7 * i + 11) % model.config.vocab_size for i in range(count)]])
               for count in map(int, options.tokens.split(","))}
    times = {count: [] for count in prompts}
    last = {}
    with torch.inference_mode():
        for turn in range(options.warmups + options.rounds):
            for count, ids in prompts.items():
                started = time.perf_counter()
                logits = model(ids, use_cache=False, **extra).logits
                elapsed = (time.perf_counter() - started) * 1000
                if turn >= options.warmups:
                    times[count].append(elapsed)
                last[count] = logits[0, -1]
    found = versions()
    for count, elapsed in times.items():
        top = last[count].max(-1)
        print(json.dumps({
            "peer": "huggingface-eager", "model": os.path.basename(options.gguf), "dtype": "float32",
            "threads": options.threads, "tokens": count, "rounds": options.rounds,
            "logits": "last" if options.last_logits else "all",
            "median_ms": round(statistics.median(elapsed), 3), "min_ms": round(min(elapsed), 3),
            "max_ms": round(max(elapsed), 3), "top_id": int(top.indices),
            "top_logit": round(float(top.values), 5),
            "torch": found["torch"], "transformers": found["transformers"]}), flush=True)


if __name__ == "__main__":
    main()
