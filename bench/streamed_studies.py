"""Runs studies with all weights in memory, and with weights that are read layer by layer, and compares every number.

    python streamed_studies.py [--model smollm2-135m-q4] [--only STUDY,...] [--gguf MODEL.gguf] [--out results/streaming.md]

Small samples, so that a study takes minutes. Streamed, a run gets the least memory that `./kausal explain` asks for, and
100 MB; resident, 4 GB. Numbers of each result, its statistics and stored arrays are compared; texts, verdicts, orders
and dropped examples that differ are printed. With --gguf, the same model's file, it also measures the
peak memory of one residual patching sweep beside the peers' (peers.py). --out replaces the table of studies in a file.
"""
import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time

from safetensors.numpy import load_file

from compare import ROOT, Contestant, tokenizer_of

STUDIES = {
    "fact-recall": ["examples=2"],
    "ioi": ["examples=6", "estimated=true"],
    "sycophancy": ["items=4", "edited=4", "layer=20", "tokens=2", "layered=true", "seeds=1"],
}
RESIDENT = "4g"
SPARE = 100


def kausal(*words):
    """Runs a command; gives the most bytes that it had resident, what it said and its exit code."""
    command = os.environ.get("KAUSAL", os.path.join(ROOT, "kausal"))
    process = subprocess.Popen([command, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    return usage.ru_maxrss * 1024, said, os.waitstatus_to_exitcode(status)


def least(study, model, settings):
    """Megabytes without which the run is refused."""
    said = kausal("explain", study, "--model", model, *settings, "--memory", "520m")[1]
    found = re.search(r"needs at least (\d+) MB", said)
    if not found:
        sys.exit(said)
    return int(found[1])


class Difference:
    """What two trees of JSON and arrays differ in."""

    def __init__(self):
        self.largest, self.where, self.numbers, self.others = 0.0, "", 0, []

    def number(self, a, b, where):
        self.numbers += 1
        size = abs(a - b) / max(1.0, abs(a), abs(b))
        if math.isnan(size) or size > self.largest:
            self.largest, self.where = size, where

    def tree(self, a, b, where=""):
        if isinstance(a, dict) and isinstance(b, dict):
            if a.keys() != b.keys():
                self.others.append(f"{where}: {sorted(a.keys() ^ b.keys())}")
            for key in a.keys() & b.keys():
                if key != "sha256":  # of files of numbers, which are compared themselves
                    self.tree(a[key], b[key], f"{where}.{key}")
        elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            for index, pair in enumerate(zip(a, b)):
                self.tree(*pair, f"{where}[{index}]")
        elif all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in (a, b)):
            self.number(a, b, where)
        elif a != b:
            self.others.append(f"{where}: {str(a)[:60]} | {str(b)[:60]}")


def arrays(folder):
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".safetensors"):
                tensors = load_file(os.path.join(path, name))
                found[name] = {key: value.flatten().tolist() for key, value in tensors.items()}
    return found


def compared(one, other):
    difference = Difference()
    results = [json.load(open(os.path.join(folder, "results.json"), encoding="utf-8")) for folder in (one, other)]
    difference.tree(*results)
    difference.tree(arrays(one), arrays(other), "arrays")
    return difference


def run(study, model, settings, memory, out):
    """Runs a study unless its bundle is there; gives its environment and its peak in bytes, 0 if it was there."""
    peak = 0
    if not os.path.isdir(out):
        peak, said, code = kausal("run", study, "--model", model, *settings, "--memory", memory, "--out", out)
        if code:
            sys.exit(said)
    with open(os.path.join(out, "environment.json"), encoding="utf-8") as file:
        return json.load(file), peak


def limit(environment):
    command = environment["command"]
    return command[command.index("--memory") + 1]


def row(study, model, folder):
    settings = [word for setting in STUDIES[study] for word in ("--set", setting)]
    memory = f"{least(study, model, settings) + SPARE}m"
    bundles = [os.path.join(folder, f"{study}-{kind}") for kind in ("resident", "streamed")]
    found = [run(study, model, settings, size, out)[0] for size, out in zip((RESIDENT, memory), bundles)]
    if [one.get("streamed", False) for one in found] != [False, True]:
        sys.exit(f"{study}: expected one run in memory and one streamed")
    difference = compared(*bundles)
    print(study, difference.numbers, difference.largest, difference.where, *difference.others[:20], sep="\n  ", flush=True)
    return [study, " ".join(STUDIES[study]), f"{difference.numbers:,}", f"{difference.largest:.0e}",
            str(len(difference.others)), *(f"{one['seconds']['total']:.0f} s, {limit(one)}" for one in found)]


SWEEP = """
experiment("residual") {
    val lm = model<CausalLm>("embedded:facts")
    val pair = contrasts {
        contrast(
            clean = "The [Eiffel Tower] is located in the city of", answer = " Paris",
            corrupted = "The [Colosseum] is located in the city of", foil = " Rome",
        )
    }
    val patched by sweep(pair, logitDifference) {
        each(layers, positions) { layer, position -> patch(from = clean, to = corrupted, layer, residPre).at(position) }
    }
    report { heatmap(patched) }
}
"""


def numbers(bundle):
    with open(os.path.join(bundle, "results.json"), encoding="utf-8") as file:
        return json.load(file)["results"][0]["mean"]


def peaks(model, gguf, folder):
    """Peak memory of residual patching of one pair: rows of a table."""
    script = os.path.join(folder, "residual.kausal.kts")
    with open(script, "w", encoding="utf-8") as file:
        file.write(SWEEP)
    limits = {"Kausal, in memory": RESIDENT, "Kausal, streamed": f"{least(script, model, []) + SPARE}m"}
    rows, values = [], []
    for name, memory in limits.items():
        out = os.path.join(folder, f"residual-{memory}")
        environment, peak = run(script, model, [], memory, out)
        seconds = environment["seconds"]["total"]
        rows.append([f"{name} (`--memory {memory}`)", f"{seconds:.0f} s", f"{peak / 1e9:.2f} GB"])
        values.append(numbers(out))
    tokenizer = tokenizer_of(gguf)
    subjects = ["Eiffel Tower", "Colosseum"]
    clean, corrupted = (tokenizer(f"The {name} is located in the city of")["input_ids"] for name in subjects)
    answer, foil = (tokenizer(name)["input_ids"][0] for name in (" Paris", " Rome"))
    pair = {"clean": clean, "corrupted": corrupted, "answer": answer, "foil": foil}
    for name in ("transformer-lens", "hand-batched", "hf-hooks"):
        started = time.perf_counter()
        peer = Contestant.peer(name, gguf, 2)
        values.append(peer.do("residual", [pair])["values"])
        rows.append([name, f"{time.perf_counter() - started:.0f} s", f"{peer.peak() / 1e9:.2f} GB"])
        peer.close()
    for line, own in zip(rows, values):
        line.append(f"{max(abs(a - b) for a, b in zip(own, values[0], strict=True)):.0e}")
    return rows


HEAD = ["Study", "Settings", "Numbers", "Largest difference", "Other differences", "In memory, `--memory`", "Streamed, `--memory`"]


MEMORY_HEAD = ["Residual patching of one pair", "Whole process", "Peak memory", "Largest difference from the first"]


def table(head, rows):
    return "".join("| " + " | ".join(line) + " |\n" for line in [head, ["---"] * len(head), *rows])


def replace(path, mark, text):
    """Replaces what is between two marks of a file."""
    begin, end = f"<!-- {mark}: begin -->\n", "<!-- end -->"
    with open(path, encoding="utf-8") as file:
        before, rest = file.read().split(begin)
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + text + end + rest.split(end, 1)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="smollm2-135m-q4")
    parser.add_argument("--only", help="studies, with commas between them")
    parser.add_argument("--bundles", help="folder that keeps the bundles; those that are there are not run again")
    parser.add_argument("--gguf", help="the model's file: compare memory with the peers'")
    parser.add_argument("--out", help="file whose table of studies is replaced")
    options = parser.parse_args()
    wanted = STUDIES if options.only is None else [name for name in options.only.split(",") if name]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.bundles or temporary
        studies = table(HEAD, [row(study, options.model, folder) for study in wanted])
        print(studies)
        if options.out:
            replace(options.out, "studies", studies)
        if options.gguf:
            print(table(MEMORY_HEAD, peaks(options.model, options.gguf, folder)))


if __name__ == "__main__":
    main()
