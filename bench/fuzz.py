#!/usr/bin/env python3
"""Reads changed files with every parser of files that may come from strangers, and of Kausal's own caches.

    python3 bench/fuzz.py --inputs 1000000 --seconds 600 --out bench/results/fuzzing.md
    python3 bench/fuzz.py GGUF CONFIG --inputs 10000
    python3 bench/fuzz.py GGUF --jazzer --seconds 3600

Without --jazzer, each format gets that many inputs, the same ones each time, or as many as it reads in the seconds. With
it, Jazzer searches for inputs that reach new code, for that many seconds. Inputs that fail are printed by their number, or
left by Jazzer in MODULE/target/fuzz. Needs Maven and nothing but Python.
"""
import argparse
import datetime
import json
import os
import pathlib
import struct
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGETS = {
    "engine": {
        "dev.kausal.engine.fuzz.Parser": [
            "SAFETENSORS", "INDEX", "GGUF", "GGUF_TENSORS", "CONFIG", "CONFIG_FIELDS", "TOKENIZER", "PREPROCESSOR", "PNG",
            "JPEG", "OTHER_PICTURES", "HUB_ANSWER",
        ],
    },
    "dsl/run": {"dev.kausal.run.fuzz.JournalPart": ["JOURNAL_OUTCOMES", "JOURNAL_RESULTS", "JOURNAL_FLOORS"]},
    "experiments": {
        "dev.kausal.experiments.fuzz.BundleFormat": ["SPEC", "RESULTS", "ENVIRONMENT", "BUNDLE", "PICTURE", "ARRAYS"],
        "dev.kausal.experiments.fuzz.CacheEntry": ["JOURNAL", "COMPILED_SCRIPT", "DAMAGED_SCRIPT"],
    },
}
MEMORY = ["-Xmx1g", "-Xss1m", "-XX:+UseSerialGC", "-Dai.djl.offline=true"]
FIRST = MEMORY + ["-Djava.awt.headless=true"]


def build():
    """Compiles the tests and writes the class path of each module."""
    words = ["mvn", "-B", "-q", "-P", "fuzz", "-DskipTests", "-Dspotless.check.skip=true", "-Dkausal.checks=false"]
    words += ["package", "dependency:build-classpath", "-Dmdep.outputFile=target/fuzz.classpath"]
    subprocess.run(words + ["-Dmdep.includeScope=test", "-pl", "experiments", "-am"], cwd=ROOT, check=True)


def class_path(module):
    folder = ROOT / module / "target"
    return f"{folder / 'test-classes'}:{folder / 'classes'}:{(folder / 'fuzz.classpath').read_text().strip()}"


def java(module, options, words, **more):
    command = ["java", *options, "-cp", class_path(module), *words]
    return subprocess.run(command, cwd=ROOT / module, text=True, **more)


def mutants(module, type_, name, count, seconds):
    """Reads the inputs, and goes on behind one that ends the process. Returns totals and failures."""
    total = {"inputs": 0, "accepted": 0, "seeds": 0, "seconds": 0.0, "heap": 0, "most": 0}
    failures = []
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        first = 0
        while first < count and total["seconds"] < seconds:
            left = max(1, int(seconds - total["seconds"]))
            words = ["dev.kausal.engine.fuzz.Mutants", type_, name, str(first), str(count - first), str(left), folder]
            try:
                done = java(module, FIRST, words, capture_output=True, timeout=left + 300)
                said, code = done.stdout.strip().splitlines(), done.returncode
            except subprocess.TimeoutExpired:
                said, code = [], "no end"
            failures += [line.removeprefix("failure: ") for line in said if line.startswith("failure: ")]
            if said and said[-1].startswith("{"):
                found = json.loads(said[-1])
                for key in ("inputs", "accepted", "seconds"):
                    total[key] += found[key]
                for key in ("seeds", "heap", "most"):
                    total[key] = max(total[key], found[key])
                break
            last = struct.unpack(">i", (pathlib.Path(folder) / "input").read_bytes()[:4])[0]
            failures.append(f"{name} {last} ended the process: {code}")
            total["inputs"] += last - first + 1
            first = last + 1
    return total, failures


def jazzer(module, type_, name, seconds):
    options = ["-Xmx3g", "-Dai.djl.offline=true", f"-Dkausal.fuzz.class={type_}", f"-Dkausal.fuzz.name={name}"]
    return java(module, options, ["dev.kausal.engine.fuzz.Fuzzing", str(seconds)]).returncode


def row(name, total, failures):
    rate = total["inputs"] / max(total["seconds"], 0.1)
    cells = [
        f"`{name}`", f"{total['inputs']:,}", f"{100 * total['accepted'] / max(total['inputs'], 1):.0f} %",
        f"{total['seconds']:.0f}", f"{rate:,.0f}", total["seeds"], len(failures),
        f"{total['heap'] / 2**20:.0f}", f"{total['most'] / 2**20:.1f}",
    ]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


HEAD = [
    "| format | inputs | accepted | seconds | inputs per second | seeds | failures | peak heap, MB | most allocated for one, MB |",
    "|---|---|---|---|---|---|---|---|---|",
]


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("formats", nargs="*", help="all, if none is named")
    words.add_argument("--inputs", type=int, default=1_000_000)
    words.add_argument("--seconds", type=int, default=600, help="at most, for each format")
    words.add_argument("--jazzer", action="store_true")
    words.add_argument("--built", action="store_true", help="uses what an earlier call has compiled")
    words.add_argument("--out", type=pathlib.Path)
    given = words.parse_args()
    if not given.built:
        build()
    rows, bad = [], []
    for module, types in TARGETS.items():
        for type_, names in types.items():
            for name in names:
                if given.formats and name not in given.formats:
                    continue
                if given.jazzer:
                    bad += [name] if jazzer(module, type_, name, given.seconds) else []
                    continue
                total, failures = mutants(module, type_, name, given.inputs, given.seconds)
                rows.append(row(name, total, failures))
                bad += failures
                print(rows[-1], *failures, sep="\n    ", flush=True)
    if given.out and rows:
        date = datetime.date.today()
        given.out.write_text(f"# Fuzzing\n\nBy `bench/fuzz.py` on {date}.\n\n" + "\n".join(HEAD + rows) + "\n")
    raise SystemExit(bool(bad))


if __name__ == "__main__":
    main()
