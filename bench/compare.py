"""Kausal and its peers on the same work, in turn, in one run.

    python compare.py --gguf MODEL.gguf [--rounds 5] [--slow 60] [--slow-rounds 5] [--work a,b,...] [--peers ...]
                      [--threads 2] [--out results/NAME.json]

Each contestant is a process of its own that opens the model once. Each round does every piece of
work once with every contestant, so that a slow spell of the machine falls on all of them. Prints a
table of medians, ratios to Kausal, largest differences to Kausal's numbers and peak memory, and
writes all seconds to a file with the machine's description. Build Kausal first:
`mvn -q -DskipTests package`.

A peer that took more than `--slow` seconds in the warm-up round does `--slow-rounds` more rounds of that
work; with 0 its warm-up counts.
"""
import argparse
import glob
import json
import os
import platform
import statistics
import subprocess
import sys

from transformers import AutoTokenizer

import peers
from common import versions, write_json

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LANDMARKS = [("Eiffel Tower", "Paris"), ("Colosseum", "Rome"), ("Brandenburg Gate", "Berlin"),
             ("Prado Museum", "Madrid"), ("Kremlin", "Moscow"), ("Forbidden City", "Beijing"),
             ("Acropolis", "Athens"), ("Tokyo Tower", "Tokyo")]
NAMES = ["Mary", "John", "Anna", "Peter", "Laura", "David", "Susan", "Mark", "Emma", "Paul", "Julia", "Henry", "Alice", "Simon"]
PLACES = ["market", "station", "library", "garden", "school"]
THINGS = ["book", "letter", "ticket", "flower"]
PREFIXES = ["", "Yes, ", "Today ", "As you know, ", "It is true that ", "Hello! ", "We read that ", "Once more: "]
WORK = {
    "a": ("residual", "residual patching, 1 pair", 1),
    "b": ("residual", "residual patching, 16 pairs of mixed lengths", 16),
    "c": ("zero", "zero ablation of all heads, 1 prompt", 1),
    "d": ("zero", "zero ablation of all heads, 16 prompts", 16),
    "e": ("head", "head patching by layer, position and head, 1 pair", 1),
    "f": ("attribution", "direct logit attribution, 64 prompts", 64),
    "g": ("forward", "one forward pass, 10 tokens", 1),
    "g64": ("forward", "one forward pass, 64 tokens", 64),
    "g256": ("forward", "one forward pass, 256 tokens", 256),
    "g1024": ("forward", "one forward pass, 1024 tokens", 1024),
    "g8x10": ("forward", "one forward pass, 8 prompts of 10 tokens", 10),
    "g8x64": ("forward", "one forward pass, 8 prompts of 64 tokens", 64),
    "g8x256": ("forward", "one forward pass, 8 prompts of 256 tokens", 256),
    "g8x1024": ("forward", "one forward pass, 8 prompts of 1024 tokens", 1024),
    "gc": ("cached", "one forward pass, all activations cached", 1),
    "h": ("edges-ig", "EAP-IG of all edges, 5 steps, 24 pairs of indirect objects", 24),
    "x": ("edges-exact", "exact patches of 2,019 edges, 1 pair", 1),
    "t": ("texts", "40 tokens after 1 prompt", 1),
    "t64": ("texts", "40 tokens after 1 prompt, without each of 64 heads", 1),
}
MORE = {"h": {"steps": 5}, "x": {"every": 35}, "t": {"tokens": 40, "variants": 0}, "t64": {"tokens": 40, "variants": 64}}
KAUSAL = "kausal"
# Kausal also attributes to biases and splits other than heads and MLPs; on Llama it names the same shares.


class Contestant:
    """A process that answers a line of JSON for each piece of work."""

    def __init__(self, name, command, does, environment=None):
        self.name, self.does = name, does
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment)
        self.opened = self.answer()["ready"]

    @classmethod
    def kausal(cls, gguf, threads, precision="FLOAT32"):
        jars = [os.path.join(ROOT, "bench/target/classes"), os.path.join(ROOT, "engine/target/classes")]
        jars += glob.glob(os.path.join(ROOT, "experiments/target/lib/*.jar"))
        # As the launcher sets them; Kausal itself chooses how its threads wait.
        environment = dict(os.environ, MALLOC_ARENA_MAX="1", MALLOC_MMAP_THRESHOLD_="4294967296", MALLOC_TRIM_THRESHOLD_="8589934592",
                           THP_MEM_ALLOC_ENABLE="1")
        command = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", ":".join(jars),
                   "dev.kausal.bench.Main", gguf, str(threads), "wave", precision]
        return cls(KAUSAL, command, peers.GRIDS + ["attribution", "forward", "cached", "edges-ig", "edges-exact", "texts"],
                   environment)

    @classmethod
    def peer(cls, name, gguf, threads):
        script = os.path.join(ROOT, "bench/peers.py")
        command = [sys.executable, script, name, "--gguf", gguf, "--threads", str(threads)]
        # As their users start them: threads that wait spin, which is faster where nothing else runs.
        environment = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
        return cls(name, command, peers.PEERS[name].does, environment)

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} has ended: {self.process.wait()}")
        return json.loads(line)

    def do(self, work, pairs, **more):
        """Seconds, without the text that the numbers travel in, and the numbers."""
        self.process.stdin.write(json.dumps({"work": work, "pairs": pairs, **more}) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w", encoding="ascii") as refs:
            refs.write("5")

    def peak(self):
        """Most bytes resident since `forget_peak`."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def tokenizer_of(gguf):
    folder, name = os.path.split(os.path.abspath(gguf))
    return AutoTokenizer.from_pretrained(folder, gguf_file=name)


def pairs_of(tokenizer, count):
    """Clean and corrupted prompts of equal length, several lengths in all; no clean prompt twice."""
    found = {}
    for prefix in PREFIXES:
        for index, (subject, city) in enumerate(LANDMARKS):
            for other, foil in LANDMARKS[index + 1:] + LANDMARKS[:index]:
                texts = [f"{prefix}The {name} is located in the city of" for name in (subject, other)]
                clean, corrupted = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts)
                answers = [tokenizer(" " + name, add_special_tokens=False)["input_ids"] for name in (city, foil)]
                if len(clean) == len(corrupted) and all(len(answer) == 1 for answer in answers):
                    found.setdefault(texts[0], {"clean": clean, "corrupted": corrupted,
                                                "answer": answers[0][0], "foil": answers[1][0]})
    pairs = list(found.values())
    if len(pairs) < count:
        sys.exit(f"{len(pairs)} pairs, {count} wanted")
    return [pairs[index * len(pairs) // count] for index in range(count)]


def indirect_objects(tokenizer, count):
    """"When A and B went to the place, B gave an object to": the corrupted prompt has another name for the second B."""
    def ids(text):
        return tokenizer(text, add_special_tokens=False)["input_ids"]

    names = [name for name in NAMES if len(ids(" " + name)) == 1]
    pairs = []
    for index in range(count):
        first, second, third = (names[(index * step + step) % len(names)] for step in (1, 3, 7))
        if len({first, second, third}) < 3:
            third = next(name for name in names if name not in (first, second))
        place, thing = PLACES[index % len(PLACES)], THINGS[index % len(THINGS)]
        texts = [f"When {first} and {second} went to the {place}, {giver} gave a {thing} to" for giver in (second, third)]
        pairs.append({"clean": ids(texts[0]), "corrupted": ids(texts[1]), "answer": ids(" " + first)[0],
                      "foil": ids(" " + second)[0]})
    return pairs


def long_prompts(tokens, count):
    return [{"clean": [(7 * i + 11 + 13 * prompt) % 49152 for i in range(tokens)], "corrupted": [0], "answer": 0, "foil": 0}
            for prompt in range(count)]


def inputs(tokenizer, key):
    work, _, count = WORK[key]
    if work.startswith("edges"):
        return indirect_objects(tokenizer, count)
    return pairs_of(tokenizer, count) if work != "forward" or count == 1 else long_prompts(count, 8 if "x" in key else 1)


def difference(expected, found):
    if len(expected) != len(found):
        sys.exit(f"{len(found)} numbers where Kausal has {len(expected)}")
    return max(abs(a - b) for a, b in zip(expected, found))


class Table:
    """What each contestant took for each piece of work."""

    def __init__(self):
        self.seconds, self.gaps, self.peaks = {}, {}, {}

    def round(self, turn, key, pairs, everyone, slow, slow_rounds):
        expected = None
        for contestant in everyone:
            if WORK[key][0] not in contestant.does:
                continue
            cell = key, contestant.name
            times = self.seconds.setdefault(cell, [])
            if times and times[0] > slow and turn > slow_rounds:
                continue
            contestant.forget_peak()
            answer = contestant.do(WORK[key][0], pairs, **MORE.get(key, {}))
            if turn == 1:
                times.clear()  # The first round warmed everything up; what is too slow to be done again keeps it.
            times.append(answer["seconds"])
            self.peaks[cell] = max(contestant.peak(), self.peaks.get(cell, 0))
            if expected is None:
                expected = answer["values"]
            else:
                self.gaps[cell] = max(difference(expected, answer["values"]), self.gaps.get(cell, 0.0))
            print(f"round {turn} ({key}) {contestant.name}: {answer['seconds']:.3f} s", file=sys.stderr, flush=True)

    def rows(self):
        for (key, name), times in self.seconds.items():
            median = statistics.median(times)
            yield {"work": key, "what": WORK[key][1], "contestant": name, "median": median, "seconds": times,
                   "ratio": median / statistics.median(self.seconds[key, KAUSAL]),
                   "difference": self.gaps.get((key, name)), "peak_bytes": self.peaks[key, name]}

    def show(self):
        print("| work | contestant | median s | rounds | times Kausal | largest difference | peak MB |")
        print("|---|---|---|---|---|---|---|")
        for row in self.rows():
            gap = "" if row["difference"] is None else f"{row['difference']:.1e}"
            print(f"| ({row['work']}) {row['what']} | {row['contestant']} | {row['median']:.3f} | {len(row['seconds'])} "
                  f"| {row['ratio']:.2f} | {gap} | {row['peak_bytes'] / 1e6:.0f} |")


def machine(options):
    with open("/proc/cpuinfo", encoding="ascii") as info:
        processor = next(line.split(": ")[1].strip() for line in info if line.startswith("model name"))
    return {"processor": processor, "cores": os.cpu_count(), "threads": options.threads,
            "system": platform.platform(), "versions": versions(), "model": os.path.basename(options.gguf)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow", type=float, default=60)
    parser.add_argument("--slow-rounds", type=int, default=5)
    parser.add_argument("--work", default=",".join(WORK))
    parser.add_argument("--peers", default=",".join(peers.PEERS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out")
    options = parser.parse_args()
    tokenizer = tokenizer_of(options.gguf)
    work = options.work.split(",")
    wanted = [name for name in options.peers.split(",")
              if any(WORK[key][0] in peers.PEERS[name].does for key in work)]
    everyone = [Contestant.kausal(options.gguf, options.threads)]
    everyone += [Contestant.peer(name, options.gguf, options.threads) for name in wanted]
    table = Table()
    for turn in range(options.rounds + 1):
        for key in work:
            table.round(turn, key, inputs(tokenizer, key), everyone, options.slow, options.slow_rounds)
    table.show()
    if options.out:
        opened = {contestant.name: contestant.opened for contestant in everyone}
        write_json(options.out, {**machine(options), "opened": opened, "rows": list(table.rows())})
    for contestant in everyone:
        contestant.close()


if __name__ == "__main__":
    main()
