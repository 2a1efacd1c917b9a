"""Times sweeps in float32 and in bfloat16, in turn in one run, and compares their numbers.

    python precision.py --gguf MODEL.gguf [--work a,b,c,d,e] [--rounds 3] [--threads 2] [--out results/NAME.json]

For each sweep: the median seconds of both, their ratio, the largest difference of a cell's metric, and how many of
the 20 cells with the largest change in float32 are among the 20 in bfloat16. The change is a cell's metric minus the
median of all cells of its pair: most cells change little.
"""
import argparse
import statistics
import sys

from common import write_json
from compare import WORK, Contestant, inputs, machine, tokenizer_of

TOP = 20


def top(values, pairs):
    """The cells with the largest mean change over the pairs."""
    cells = len(values) // pairs
    rows = [values[pair * cells:(pair + 1) * cells] for pair in range(pairs)]
    middles = [statistics.median(row) for row in rows]
    changes = [statistics.fmean(row[cell] - middle for row, middle in zip(rows, middles)) for cell in range(cells)]
    return set(sorted(range(cells), key=lambda cell: -abs(changes[cell]))[:TOP])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--work", default="a,b,c,d,e")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out")
    options = parser.parse_args()
    tokenizer = tokenizer_of(options.gguf)
    both = {name: Contestant.kausal(options.gguf, options.threads, name) for name in ("FLOAT32", "BFLOAT16")}
    rows = []
    print("| sweep | float32, s | bfloat16, s | ratio | largest difference | same of the top 20 |")
    print("|---|---|---|---|---|---|")
    for key in options.work.split(","):
        work, name, count = WORK[key]
        pairs = inputs(tokenizer, key)
        seconds = {precision: [] for precision in both}
        values = {}
        for turn in range(options.rounds + 1):
            for precision, contestant in both.items():
                answer = contestant.do(work, pairs)
                values[precision] = answer["values"]
                if turn > 0:
                    seconds[precision].append(answer["seconds"])
                print(f"round {turn} {precision} {name}: {answer['seconds']:.2f} s", file=sys.stderr, flush=True)
        medians = {precision: statistics.median(each) for precision, each in seconds.items()}
        exact, low = values["FLOAT32"], values["BFLOAT16"]
        difference = max(abs(a - b) for a, b in zip(exact, low))
        equal = len(exact) % count == 0 and key not in "b"
        same = len(top(exact, count) & top(low, count)) if equal else None
        ratio = medians["FLOAT32"] / medians["BFLOAT16"]
        rows.append({"sweep": name, "seconds": seconds, "ratio": ratio, "largest_difference": difference, "same_of_top": same,
                     "cells": len(exact)})
        print(f"| {name} | {medians['FLOAT32']:.2f} | {medians['BFLOAT16']:.2f} | {ratio:.2f} | {difference:.2g} | "
              f"{'-' if same is None else same} |", flush=True)
    for contestant in both.values():
        contestant.close()
    if options.out:
        write_json(options.out, {**machine(options), "rows": rows})


if __name__ == "__main__":
    main()
