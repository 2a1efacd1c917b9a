"""Kausal and its peers on the same work, in turn, in one run.

    python compare.py --gguf MODEL.gguf [--rounds 5] [--slow-rounds 5] [--work a,b,...] [--peers ...]
                      [--threads 2] [--out results/NAME.json]

Each round does every piece of work once with every contestant, so that a slow spell of the machine
falls on all of them. Prints a table of medians, ratios to Kausal and largest differences to
Kausal's numbers, and writes all seconds to a file with the machine's description. Build Kausal
first: `./kausal --help` and `mvn -q -DskipTests -pl engine,bench -am package`.

Peers that took more than a minute for a piece of work do it in `--slow-rounds` rounds only.
"""
import argparse
import glob
import json
import os
import platform
import statistics
import subprocess
import sys
import time

import torch

import peers
from common import load_gguf, versions, write_json

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LANDMARKS = [("Eiffel Tower", "Paris"), ("Colosseum", "Rome"), ("Brandenburg Gate", "Berlin"),
             ("Prado Museum", "Madrid"), ("Kremlin", "Moscow"), ("Forbidden City", "Beijing"),
             ("Acropolis", "Athens"), ("Tokyo Tower", "Tokyo")]
PREFIXES = ["", "Yes, ", "As you know, ", "I have read that today "]
WORK = {
    "a": ("residual", "residual patching, 1 pair", 1),
    "b": ("residual", "residual patching, 16 pairs of mixed lengths", 16),
    "c": ("zero", "zero ablation of all heads, 1 prompt", 1),
    "d": ("zero", "zero ablation of all heads, 16 prompts", 16),
    "e": ("head", "head patching by layer, position and head, 1 pair", 1),
    "f": ("attribution", "direct logit attribution, 64 prompts", 64),
    "g": ("forward", "one forward pass", 1),
    "h": ("cached", "one forward pass, all activations cached", 1),
}
# Kausal also attributes to biases and splits other than heads and MLPs; on Llama it names the same shares.


class Kausal:
    """The compiled sweep, in its own process that reads a line for each piece of work."""

    name = "kausal"
    does = peers.GRIDS + ["attribution", "forward", "cached"]

    def __init__(self, gguf, threads):
        jars = [os.path.join(ROOT, "bench/target/classes"), os.path.join(ROOT, "engine/target/classes")]
        jars += glob.glob(os.path.join(ROOT, "experiments/target/lib/*.jar"))
        environment = dict(os.environ, MALLOC_ARENA_MAX="1", MALLOC_MMAP_THRESHOLD_="4294967296",
                           MALLOC_TRIM_THRESHOLD_="8589934592", THP_MEM_ALLOC_ENABLE="1")
        self.process = subprocess.Popen(
            ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", ":".join(jars),
             "dev.kausal.bench.Main", gguf, str(threads), "wave"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        self.opened = json.loads(self.process.stdout.readline())["ready"]

    def do(self, work, pairs):
        self.process.stdin.write(json.dumps({"work": work, "pairs": pairs}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["values"]

    def peak(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def pairs_of(tokenizer, count):
    """Clean and corrupted prompts of equal length, several lengths in all."""
    found = []
    for prefix in PREFIXES:
        for index, (subject, city) in enumerate(LANDMARKS):
            for other, foil in LANDMARKS[index + 1:]:
                texts = [f"{prefix}The {name} is located in the city of" for name in (subject, other)]
                clean, corrupted = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts)
                answers = [tokenizer(" " + name, add_special_tokens=False)["input_ids"] for name in (city, foil)]
                if len(clean) == len(corrupted) and all(len(answer) == 1 for answer in answers):
                    found.append({"clean": clean, "corrupted": corrupted,
                                  "answer": answers[0][0], "foil": answers[1][0]})
    step = max(1, len(found) // count)
    return [found[index * step % len(found)] for index in range(count)]


def difference(expected, found):
    if len(expected) != len(found):
        sys.exit(f"{len(found)} numbers where Kausal has {len(expected)}")
    return max(abs(a - b) for a, b in zip(expected, found))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow-rounds", type=int, default=5)
    parser.add_argument("--work", default=",".join(WORK))
    parser.add_argument("--peers", default="transformer-lens,hand-batched,hf-hooks,nnsight")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)

    model, tokenizer = load_gguf(options.gguf)
    kinds = [peers.TransformerLens, peers.HandBatched, peers.PlainHooks, peers.NnSight]
    wanted = options.peers.split(",")
    everyone = [Kausal(options.gguf, options.threads)]
    everyone += [kind(model, tokenizer) for kind in kinds if kind.name in wanted]
    seconds, gaps = {}, {}
    for turn in range(options.rounds + 1):
        for key in options.work.split(","):
            work, _, count = WORK[key]
            pairs = pairs_of(tokenizer, count)
            expected = None
            for contestant in everyone:
                if work not in contestant.does:
                    continue
                times = seconds.setdefault((key, contestant.name), [])
                slow = times and times[0] > 60
                if slow and turn > options.slow_rounds:
                    continue
                started = time.perf_counter()
                found = contestant.do(work, pairs)
                took = time.perf_counter() - started
                # The first round is a warm-up of everything, but for what is too slow to do once more.
                if turn == 0 and (took < 60 or options.slow_rounds > 1):
                    times[:] = [took]
                elif turn == 1 and times and not (slow and options.slow_rounds == 1):
                    times[:] = [took]
                else:
                    times.append(took)
                if expected is None:
                    expected = found
                else:
                    gap = difference(expected, found)
                    gaps[key, contestant.name] = max(gap, gaps.get((key, contestant.name), 0.0))
                print(f"round {turn} ({key}) {contestant.name}: {took:.3f} s", file=sys.stderr, flush=True)
    report(options, seconds, gaps, everyone[0])


def report(options, seconds, gaps, kausal):
    rows = []
    print("| work | contestant | median s | rounds | times Kausal | largest difference |")
    print("|---|---|---|---|---|---|")
    for (key, name), times in seconds.items():
        median = statistics.median(times)
        ratio = median / statistics.median(seconds[key, "kausal"])
        gap = gaps.get((key, name))
        rows.append({"work": key, "what": WORK[key][1], "contestant": name, "median": median,
                     "seconds": times, "ratio": ratio, "difference": gap})
        shown = "" if gap is None else f"{gap:.1e}"
        print(f"| ({key}) {WORK[key][1]} | {name} | {median:.3f} | {len(times)} | {ratio:.2f} | {shown} |")
    if options.out:
        with open("/proc/cpuinfo", encoding="ascii") as info:
            processor = next(line.split(": ")[1].strip() for line in info if line.startswith("model name"))
        write_json(options.out, {"processor": processor, "cores": os.cpu_count(), "threads": options.threads,
                                 "system": platform.platform(), "versions": versions(),
                                 "model": os.path.basename(options.gguf), "kausal_opened": kausal.opened,
                                 "kausal_peak_bytes": kausal.peak(), "rows": rows})


if __name__ == "__main__":
    main()
