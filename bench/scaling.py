"""How Kausal's sweeps grow with their work, and how near they come to the machine's matrix-product rate.

    python scaling.py --gguf MODEL.gguf [--rounds 5] [--threads 2] [--long] [--out results/NAME.json]

Each line of the table is a sweep: the rows times layers that its plan computes, the seconds it
takes, microseconds for each row and layer, and the share of the time that its matrix products with
weights take when they are done alone, at the same row counts, right after it. `--long` adds 512
patches at layer 0 of a prompt of 512 tokens, which takes minutes.
"""
import argparse
import statistics
import sys

from common import write_json
from compare import WORK, Contestant, inputs, machine, tokenizer_of

LENGTHS = [16, 32, 64, 128, 256, 512]
PAIRS = [1, 4, 16, 64]
FIRST_LAYERS = [0, 10, 20, 29]
CELLS = [4, 16, 64]
MIDDLE = [20]


def prompts(length):
    """A pair that differs from its first token on."""
    clean = [(7 * i + 11) % 49152 for i in range(length)]
    return [{"clean": clean, "corrupted": [5, *clean[1:]], "answer": 7042, "foil": 7268}]


def sweeps(tokenizer, long):
    for key in "abcde":
        yield WORK[key][1], inputs(tokenizer, key), {"work": WORK[key][0]}
    for length in LENGTHS:
        more = {"work": "residual", "layers": MIDDLE, "stride": length // 16}
        yield f"16 patches at layer 20, {length} tokens", prompts(length), more
    pairs = inputs(tokenizer, "f")
    for count in PAIRS:
        more = {"work": "residual", "layers": MIDDLE}
        yield f"patches at layer 20, all positions, {count} pairs", pairs[:count], more
    for layer in FIRST_LAYERS:
        yield f"16 patches at layer {layer}, 64 tokens", prompts(64), {"work": "residual", "layers": [layer], "stride": 4}
    for cells in CELLS:
        more = {"work": "residual", "layers": MIDDLE, "stride": 256 // cells}
        yield f"{cells} patches at layer 20, 256 tokens", prompts(256), more
    if long:
        yield "512 patches at layer 0, 512 tokens", prompts(512), {"work": "residual", "layers": [0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--out")
    options = parser.parse_args()
    kausal = Contestant.kausal(options.gguf, options.threads)
    rows = []
    print("| sweep | rows x layers | median s | us per row and layer | products' share | peak MB |")
    print("|---|---|---|---|---|---|")
    for name, pairs, order in sweeps(tokenizer_of(options.gguf), options.long):
        work = order.pop("work")
        kausal.forget_peak()
        answers = []
        for turn in range(options.rounds + 1):
            answers.append(kausal.do(work, pairs, products=True, **order))
            print(f"round {turn} {name}: {answers[-1]['seconds']:.3f} s", file=sys.stderr, flush=True)
            if answers[0]["seconds"] > 60:
                break
        kept = answers[1:] or answers
        seconds = statistics.median(answer["seconds"] for answer in kept)
        share = statistics.median(answer["products"] / answer["seconds"] for answer in kept)
        size = answers[0]["rowLayers"]
        rows.append({"sweep": name, "row_layers": size, "flops": answers[0]["flops"], "median": seconds,
                     "seconds": [answer["seconds"] for answer in kept],
                     "products": [answer["products"] for answer in kept],
                     "share": share, "peak_bytes": kausal.peak()})
        print(f"| {name} | {size} | {seconds:.3f} | {seconds / size * 1e6:.1f} | {share:.0%} "
              f"| {rows[-1]['peak_bytes'] / 1e6:.0f} |", flush=True)
    kausal.close()
    if options.out:
        write_json(options.out, {**machine(options), "rows": rows})


if __name__ == "__main__":
    main()
