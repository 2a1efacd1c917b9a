"""Times whole commands: from `./kausal run STUDY` to the written report.

    python command.py [--study fact-recall] [--model smollm2-135m-q4] [--rounds 5] [--out results/NAME.json]

Cold is with neither a compiled script nor the model's files in the system's cache of files, as on
the day after; warm is the same command again. Dropping that cache needs root; without it, cold
means the script alone.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from common import write_json
from compare import ROOT


def drop_files():
    """Whether the system has forgotten the files that it read."""
    try:
        os.sync()
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as caches:
            caches.write("3")
        return True
    except OSError:
        return False


def scripts():
    home = os.environ.get("KAUSAL_HOME") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "kausal")
    return os.path.join(home, "scripts")


def run(options, out):
    command = [os.path.join(ROOT, "kausal"), "run", options.study, "--out", out]
    command += ["--model", options.model] if options.model else []
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--study", default="fact-recall")
    parser.add_argument("--model")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out")
    options = parser.parse_args()
    seconds = {"cold": [], "warm": []}
    with tempfile.TemporaryDirectory() as folder:
        run(options, os.path.join(folder, "first"))  # Builds, where sources have changed.
        for turn in range(options.rounds):
            shutil.rmtree(scripts(), ignore_errors=True)
            dropped = drop_files()
            for kind in seconds:
                seconds[kind].append(run(options, os.path.join(folder, f"{kind}{turn}")))
                print(f"round {turn + 1} {kind}: {seconds[kind][-1]:.2f} s", file=sys.stderr, flush=True)
    for kind, times in seconds.items():
        print(f"{options.study} {options.model or ''} {kind}: median {statistics.median(times):.2f} s of {len(times)}")
    if options.out:
        write_json(options.out, {"study": options.study, "model": options.model, "files_dropped": dropped, **seconds})


if __name__ == "__main__":
    main()
