"""Times `./kausal run SCRIPT --watch`: from saving an edit to the event that refreshes the page.

    python watch.py [--model embedded:facts] [--edits 12] [--out results/NAME.json]

Each edit changes what heads are ablated with, and a comment, so that no compiled script is in the cache. The file is
saved when the report of the one before has come.
"""
import argparse
import atexit
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from common import write_json

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

SCRIPT = """// edit {number}
experiment("watched") {{
    val lm = model<CausalLm>("{model}")
    val facts = contrasts {{
        contrast(
            clean = "The [Eiffel Tower] is located in the city of", answer = " Paris",
            corrupted = "The [Colosseum] is located in the city of", foil = " Rome",
        )
    }}
    val trace by sweep(facts, recovery(logitDifference)) {{
        each(layers, positions) {{ l, p -> patch(from = clean, to = corrupted, l).at(p) }}
    }}
    val needed by sweep(facts, logitDifference) {{ each(heads) {{ ablate(it, {value}) }} }}
    val lens by logitLens(facts)
    report {{ heatmap(trace); heatmap(needed) }}
}}
"""
VALUES = ["zero", "mean"]


def save(path, options, number):
    """Writes the script beside its place and moves it there, as editors do."""
    value = VALUES[number % len(VALUES)]
    with open(path + ".new", "w", encoding="utf-8") as script:
        script.write(SCRIPT.format(number=number, model=options.model, value=value))
    os.replace(path + ".new", path)


def reports(address):
    """Yields once for each report that the page is told of."""
    with urllib.request.urlopen(address + "events", timeout=600) as events:
        for line in events:
            if line.startswith(b"data:"):
                told = json.loads(line[5:])
                if told["state"] == "mistakes":
                    sys.exit(told["text"])
                if told["state"] == "report":
                    yield told["report"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="embedded:facts")
    parser.add_argument("--edits", type=int, default=12)
    parser.add_argument("--command", default=os.path.join(ROOT, "kausal"))
    parser.add_argument("--out")
    options = parser.parse_args()
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "watched.kausal.kts")
        save(path, options, 0)
        command = [options.command, "run", path, "--watch", "--quiet", "--out", os.path.join(folder, "bundle")]
        started = time.perf_counter()
        watch = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        atexit.register(watch.kill)  # Mistakes end this program.
        address = re.search(r"http\S+", watch.stdout.readline()).group()
        told = reports(address)
        next(told)
        first = time.perf_counter() - started
        for number in range(1, options.edits + 1):
            time.sleep(3 if number == 1 else 0.3)  # The user looks at the first report while the compiler is prepared.
            started = time.perf_counter()
            save(path, options, number)
            next(told)
            seconds.append(time.perf_counter() - started)
        watch.send_signal(signal.SIGINT)
        code = watch.wait()
    print(f"{options.model}: first report {first:.2f} s, first edit {seconds[0]:.2f} s, "
          f"edits: median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s; ended with {code}")
    if options.out:
        known = json.load(open(options.out, encoding="utf-8")) if os.path.exists(options.out) else {}
        write_json(options.out, known | {options.model: {"first": first, "edits": seconds}})


if __name__ == "__main__":
    main()
