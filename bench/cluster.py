"""Compares runs on Spark with plain runs of the same study, threads and memory: times, and bytes.

    python cluster.py [--study fact-recall] [--model smollm2-135m-q4] [--set examples=24] [--threads 2]
                      [--master 'local[2]'] [--rounds 3] [--kills 0] [--kausal COMMAND] [--out results/NAME.json]

Each round is a plain run and then one on the cluster. With --kills N, N executors of the cluster are killed, each a random time
after the last; this needs a master such as local-cluster[2,1,1024]. All files of the bundles must be equal, but for those with times.
Where other programs run, compare processor times, which are those of all processes of a run.
"""
import argparse
import filecmp
import glob
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from common import write_json
from compare import ROOT

EXECUTOR = b"CoarseGrainedExecutorBackend"
ENDED = ("environment.json", "report.html")  # Contain times.


def command(options, out, *more):
    words = [options.kausal, "run", options.study, "--threads", str(options.threads), "--memory", options.memory,
             "--out", out, *more]
    words += ["--model", options.model] if options.model else []
    for setting in options.set:
        words += ["--set", setting]
    return words


def run(words):
    started, before = time.perf_counter(), processor_seconds()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    took, used = time.perf_counter() - started, processor_seconds() - before
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return took, used


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def executors():
    found = []
    for file in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(file, "rb") as line:
                words = line.read().split(b"\0")
        except OSError:
            continue
        if any(EXECUTOR in word for word in words):
            found.append(int(file.split("/")[2]))
    return found


class Killer(threading.Thread):
    """Kills executors until it has killed `most`, or is stopped."""

    def __init__(self, most, seconds):
        super().__init__(daemon=True)
        self.most, self.seconds, self.killed, self.ended = most, seconds, 0, threading.Event()

    def run(self):
        drawn = random.Random(1)
        while self.killed < self.most and not self.ended.wait(drawn.uniform(0, 2 * self.seconds)):
            running = executors()
            if running:
                os.kill(drawn.choice(running), signal.SIGKILL)
                self.killed += 1


def same(one, other):
    names = [name for name in os.listdir(one) if os.path.isfile(os.path.join(one, name)) and name not in ENDED]
    return not any(filecmp.cmpfiles(one, other, names, shallow=False)[1:])


def shown(times):
    return f"{times[0]:.1f} s ({times[1]:.1f} s of processors)"


def numbers(runs):
    return {"seconds": [each[0] for each in runs], "processorSeconds": [each[1] for each in runs]}


def processor():
    with open("/proc/cpuinfo") as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--study", default="fact-recall")
    parser.add_argument("--model")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="4g")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--every", type=float, default=5.0, help="mean seconds between kills")
    parser.add_argument("--kausal", default=os.path.join(ROOT, "kausal"), help="command line to measure")
    parser.add_argument("--out")
    options = parser.parse_args()
    plain, cluster, equal, lost = [], [], True, 0
    with tempfile.TemporaryDirectory() as folder:
        # Builds, where sources have changed, and compiles the script.
        subprocess.run([options.kausal, "explain", options.study, "--cluster=none"], capture_output=True, check=False)
        for turn in range(options.rounds):
            one, other = (os.path.join(folder, f"{kind}-{turn}") for kind in ("plain", "cluster"))
            if options.kills and plain:
                one = os.path.join(folder, "plain-0")  # Times say nothing if executors are killed.
            else:
                plain.append(run(command(options, one)))
            killer = Killer(options.kills, options.every)
            killer.start()
            cluster.append(run(command(options, other, "--cluster", options.master)))
            killer.ended.set()
            killer.join()
            lost += killer.killed
            equal = equal and same(one, other)
            print(f"round {turn + 1}: plain {shown(plain[-1])}, {options.master} {shown(cluster[-1])}, {killer.killed} killed, "
                  f"bundles {'equal' if equal else 'DIFFER'}", file=sys.stderr, flush=True)
    overheads = [statistics.median(each[i] for each in cluster) / statistics.median(each[i] for each in plain) - 1 for i in (0, 1)]
    print(f"{options.study} on {options.master}: {100 * overheads[0]:.0f} % longer than without, {100 * overheads[1]:.0f} % more "
          f"processor time, {lost} executors killed, bundles {'equal' if equal else 'DIFFER'}")
    if options.out:
        write_json(options.out, {"study": options.study, "model": options.model, "set": options.set, "threads": options.threads,
                                 "master": options.master, "processor": processor(), "plain": numbers(plain), "cluster": numbers(cluster),
                                 "killed": lost, "overhead": overheads[0], "processorOverhead": overheads[1], "equal": equal})
    sys.exit(0 if equal else 1)


if __name__ == "__main__":
    main()
