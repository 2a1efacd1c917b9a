#!/usr/bin/env python3
"""Kills runs and pulls at random moments, takes disk, permissions and memory from them, and compares what comes of them
afterwards with an undisturbed run.

    python3 bench/crash.py --kills 50 --out bench/results/crashes.md

Needs Linux and nothing but Python. Disks that are full or read-only are mounts in a user namespace of their own (unshare);
where the system has none, those rows say so.
"""
import argparse
import hashlib
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time

SCRIPT = """experiment("crash") {
    model<CausalLm>("embedded:facts")
    val facts = contrasts {
        contrast("The [Eiffel Tower] is located in the city of", " Paris",
            "The [Colosseum] is located in the city of", " Rome")
        contrast("The [Colosseum] is located in the city of", " Rome",
            "The [Brandenburg Gate] is located in the city of", " Berlin")
        contrast("The [Brandenburg Gate] is located in the city of", " Berlin",
            "The [Eiffel Tower] is located in the city of", " Paris")
    }
    val trace by sweep(facts, recovery(logitDifference)) {
        each(layers, positions) { layer, position -> patch(from = clean, to = corrupted, layer).at(position) }
    }
    val shares by directLogitAttribution(facts)
    report { heatmap(trace) }
}
"""
TOLERANCE = 1e-3
TINY = pathlib.Path("engine/src/test/resources/tiny/llama")


class Hub(http.server.BaseHTTPRequestHandler):
    """One model, sent slowly, with ranges."""

    files = {}
    commit = "0123456789" * 4

    def log_message(self, *words):
        pass

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, with_body):
        name = self.path.rsplit("/", 1)[-1]
        if "/api/models/" in self.path:
            siblings = [{"rfilename": file} for file in self.files]
            body, tag = json.dumps({"sha": self.commit, "siblings": siblings}).encode(), None
        elif name in self.files:
            body = self.files[name]
            tag = hashlib.sha256(body).hexdigest()
        else:
            self.send_error(404)
            return
        start = 0
        asked = self.headers.get("Range")
        if asked:
            start = int(asked.removeprefix("bytes=").split("-")[0])
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if tag:
            self.send_header("ETag", f'"{tag}"')
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        if not with_body:
            return
        try:
            for at in range(start, len(body), 2000):
                self.wfile.write(body[at : at + 2000])
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            pass


class Campaign:
    def __init__(self, kausal, work, seed):
        self.kausal = [str(pathlib.Path(kausal).resolve())]
        self.work = work
        self.random = random.Random(seed)
        self.rows = []
        self.script = work / "crash.kausal.kts"
        self.script.write_text(SCRIPT)
        self.runs = work / "runs"
        self.runs.mkdir()

    def environment(self, **more):
        return {**os.environ, "KAUSAL_HOME": str(self.work / "cache"), "HF_HOME": str(self.work / "hf"), **more}

    def ended(self, words, prefix=(), **more):
        done = subprocess.run(
            [*prefix, *self.kausal, *words], env=self.environment(**more), capture_output=True, text=True, timeout=900
        )
        return done.returncode, done.stdout + done.stderr

    def killed(self, words, after, **more):
        """Starts the command and kills it; true unless it had ended."""
        process = subprocess.Popen(
            [*self.kausal, *words],
            env=self.environment(**more),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(after)
            return False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True

    def row(self, what, times, outcome, equal):
        self.rows.append((what, times, outcome, equal))
        print(f"{what}: {times}, {outcome}, {equal}", flush=True)

    def run_words(self, out):
        return ["run", str(self.script), "--out", str(out)]

    def reference(self):
        """Makes the undisturbed run; returns how long one takes whose script is compiled."""
        for out in (self.work / "reference", self.work / "again"):
            start = time.time()
            code, said = self.ended(self.run_words(out))
            assert code == 0, said
        return time.time() - start

    def differences(self, out):
        """What of a bundle differs from the undisturbed one by more than rounding."""
        found = []
        for name in ("spec.json", "results.json"):
            a, b = (json.loads((folder / name).read_text()) for folder in (self.work / "reference", out))
            compare(name, a, b, found)
        return found

    def left(self):
        """What lies beside the bundles that is none of them."""
        return [path.name for path in self.runs.iterdir() if ".partial" in path.name or path.name.startswith(".")]

    def complete(self, out):
        """Runs once more; what is wrong with the bundle then, in words."""
        code, said = self.ended(self.run_words(out))
        if code != 0:
            return [f"exit {code}: {said[-300:]}"]
        return self.differences(out) + [f"left {name}" for name in self.left()]

    def kills(self, count, seconds):
        kills, finished, bundles, wrong, halves = 0, 0, 0, [], 0
        while kills < count:
            out = self.runs / f"bundle-{bundles}"
            if self.random.random() < 0.25:
                shutil.rmtree(self.work / "cache", ignore_errors=True)
            for _ in range(self.random.randint(1, 4)):
                if out.exists() or kills >= count:
                    break
                if self.killed(self.run_words(out), self.random.uniform(0.1, 1.1 * seconds)):
                    kills += 1
                    if out.exists() and not (out / "report.html").exists():
                        halves += 1
            if out.exists():
                finished += 1
                wrong += self.differences(out)
            else:
                wrong += self.complete(out)
            bundles += 1
        outcome = f"{bundles} bundles, {halves} half-written; {finished} ended before a kill; {len(self.left())} left over"
        self.row("`kill -9` of `run`", kills, outcome, verdict(wrong))

    def pulls(self, count):
        for file in ("config.json", "model.safetensors"):
            Hub.files[file] = (TINY / file).read_bytes()
        Hub.files["model.safetensors"] = Hub.files["model.safetensors"]
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hub = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}"}
        words = ["pull", "hf:test/tiny"]
        start = time.time()
        code, said = self.ended(words, **hub)
        assert code == 0, said
        seconds = time.time() - start
        kills, wrong = 0, []
        while kills < count:
            shutil.rmtree(self.work / "hf")
            while self.killed(words, self.random.uniform(0.3 * seconds, seconds), **hub):
                kills += 1
                if kills >= count or self.random.random() < 0.4:
                    break
            code, said = self.ended(words, **hub)
            wrong += [] if code == 0 else [f"exit {code}: {said[-300:]}"]
            for name, content in Hub.files.items():
                found = [path for path in (self.work / "hf").rglob(name)]
                if len(found) != 1 or found[0].read_bytes() != content:
                    wrong.append(f"{name} is not what the hub has")
        server.shutdown()
        self.row("`kill -9` of `pull hf:`", kills, "pulled again each time", verdict(wrong))

    def trouble(self, what, expected, words, prefix=(), **more):
        """One run under a condition that it cannot work in, and the same run without it."""
        out = pathlib.Path(words[-1])
        code, said = self.ended(words, prefix, **more)
        wrong = [] if code in expected else [f"exit {code}: {said[-300:]}"]
        if "This is a bug" in said:
            wrong.append("called a bug")
        if out.exists() and any(out.iterdir()):
            wrong += self.differences(out)
        else:
            wrong += self.complete(out)
        self.row(what, 1, f"exit {code}", verdict(wrong))

    def troubles(self):
        small = self.work / "small"
        small.mkdir()
        for place, size in (("out", "20k"), ("out", "100k"), ("cache", "64k"), ("cache", "3m")):
            folder = self.runs if place == "out" else self.work / "cache-full"
            folder.mkdir(exist_ok=True)
            prefix = mounted(f"mount -t tmpfs -o size={size} tmpfs '{folder}'")
            what = f"a disk of {size} for the {'bundle' if place == 'out' else 'cache'}"
            words = self.run_words(self.runs / f"full-{place}-{size}")
            self.where_possible(what, {0, 3}, words, prefix, {} if place == "out" else {"KAUSAL_HOME": str(folder)})
        read_only = mounted(f"mount --bind '{self.runs}' '{self.runs}' && mount -o remount,ro,bind '{self.runs}'")
        self.where_possible("a read-only folder for the bundle", {3}, self.run_words(self.runs / "ro"), read_only, {})
        cache = self.work / "cache"
        read_only = mounted(f"mount --bind '{cache}' '{cache}' && mount -o remount,ro,bind '{cache}'")
        self.where_possible("a read-only cache", {0}, self.run_words(self.runs / "ro-cache"), read_only, {})
        for heap in ("6m", "10m", "16m", "24m"):
            words = self.run_words(self.runs / f"heap-{heap}")
            self.trouble(f"a heap of {heap}", {0, 3}, words, KAUSAL_JAVA_OPTS=f"-Xmx{heap}")
        words = self.run_words(self.runs / "address")
        self.trouble("an address space of 1 GB", {3}, words, ["sh", "-c", 'ulimit -v 1000000; exec "$@"', "sh"])

    def where_possible(self, what, expected, words, prefix, more):
        if subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
            self.row(what, 0, "this system lets a user mount nothing", "not run")
        else:
            self.trouble(what, expected, words, prefix, **more)


def mounted(command):
    """Words that run a command where the mount has been made, seen by that command alone."""
    return ["unshare", "-r", "-m", "sh", "-c", command + ' && exec "$@"', "sh"]


def compare(path, a, b, found):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in a.keys() | b.keys():
            compare(f"{path}.{key}", a.get(key), b.get(key), found)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for index, (x, y) in enumerate(zip(a, b)):
            compare(f"{path}[{index}]", x, y, found)
    elif isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool):
        if abs(a - b) > TOLERANCE * max(1.0, abs(a)):
            found.append(f"{path}: {a} and {b}")
    elif a != b:
        found.append(f"{path}: {a} and {b}")


def verdict(wrong):
    for line in wrong:
        print("    " + line, flush=True)
    return "equal" if not wrong else f"**{len(wrong)} differences**"


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--kills", type=int, default=50)
    words.add_argument("--pulls", type=int, default=15)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--kausal", default="./kausal")
    words.add_argument("--out", type=pathlib.Path)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(given.kausal, pathlib.Path(folder), given.seed)
        seconds = campaign.reference()
        print(f"an undisturbed run takes {seconds:.1f} s", flush=True)
        campaign.kills(given.kills, seconds)
        campaign.pulls(given.pulls)
        campaign.troubles()
    table = ["| what was done | times | outcome | compared with an undisturbed run |", "|---|---|---|---|"]
    table += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in campaign.rows]
    if given.out:
        given.out.write_text("# Crashes\n\nWritten by `bench/crash.py`.\n\n" + "\n".join(table) + "\n")
    raise SystemExit(any("**" in row[-1] for row in campaign.rows))


if __name__ == "__main__":
    main()
