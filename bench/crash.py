#!/usr/bin/env python3
"""Kills runs, pulls and trainings at random moments, takes disk, permissions and memory from runs, and compares what
comes of them afterwards with undisturbed ones.

    python3 bench/crash.py --runs 120 --pulls 40 --trainings 40 --out bench/results/crashes.md

The moment of a kill is drawn from the time that the command took when it was left alone, so that nearly all kills hit
one that is running. A command that has ended by then is counted by itself.

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
import struct
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
    def __init__(self, kausal, work, seed, minutes):
        self.kausal = [str(pathlib.Path(kausal).resolve())]
        self.work = work
        self.random = random.Random(seed)
        self.rows = []
        self.seconds = {}
        self.early = 0
        self.minutes = minutes
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

    def undisturbed(self, kind, words, **more):
        """Runs the command to its end, and remembers how long it takes."""
        start = time.time()
        code, said = self.ended(words, **more)
        if code == 0:
            taken = time.time() - start
            self.seconds[kind] = (self.seconds.get(kind, taken) + taken) / 2
        return code, said

    def killed(self, kind, words, **more):
        """Starts the command and kills it at a random moment; true unless it had ended."""
        after = self.random.uniform(0.02, 0.98) * self.seconds[kind]
        process = subprocess.Popen(
            [*self.kausal, *words],
            env=self.environment(**more),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(after)
            # It goes on from what an earlier one has left, or the machine is less busy.
            self.seconds[kind] *= 0.95
            self.early += 1
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
        """Makes the undisturbed run, once with empty caches and once more."""
        for kind, out in (("cold run", self.work / "reference"), ("run", self.work / "again")):
            code, said = self.undisturbed(kind, self.run_words(out))
            assert code == 0, said
            print(f"an undisturbed {kind} takes {self.seconds[kind]:.1f} s", flush=True)
        assert self.differences(self.work / "again") == []

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

    def complete(self, out, kind="run"):
        """Runs once more; what is wrong with the bundle then, in words."""
        code, said = self.undisturbed(kind, self.run_words(out))
        if code != 0:
            return [f"exit {code}: {said[-300:]}"]
        return self.differences(out) + [f"left {name}" for name in self.left()]

    def verified(self, out):
        code, said = self.ended(["verify", str(out)])
        return [] if code == 0 else [f"verify: exit {code}: {said[-300:]}"]

    def kills(self, count):
        kills, bundles, wrong, halves, verified, self.early = 0, 0, [], 0, 0, 0
        end = time.time() + 60 * self.minutes
        while kills < count and time.time() < end:
            out = self.runs / f"bundle-{bundles}"
            kind = "cold run" if self.random.random() < 0.2 else "run"
            if kind == "cold run":
                shutil.rmtree(self.work / "cache", ignore_errors=True)
            for _ in range(self.random.randint(1, 4)):
                if kills < count and self.killed(kind, self.run_words(out)):
                    kills += 1
                    halves += out.exists() and not (out / "report.html").exists()
                if out.exists():
                    break
            wrong += self.differences(out) if out.exists() else self.complete(out)
            if bundles % 5 == 0:
                wrong += self.verified(out)
                verified += 1
            bundles += 1
        outcome = f"{bundles} bundles, {verified} of them verified; {halves} half-written; {self.shown(kills)}; "
        self.row("`kill -9` of `run`", kills, outcome + f"{len(self.left())} left over", verdict(wrong))

    def shown(self, kills):
        return f"{kills} of {kills + self.early} commands were running"

    def pulls(self, count):
        for file in ("config.json", "model.safetensors"):
            Hub.files[file] = (TINY / file).read_bytes()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hub = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}"}
        words = ["pull", "hf:test/tiny"]
        code, said = self.undisturbed("pull", words, **hub)
        assert code == 0, said
        kills, wholes, wrong, self.early = 0, 0, [], 0
        end = time.time() + 60 * self.minutes
        while kills < count and time.time() < end:
            shutil.rmtree(self.work / "hf")
            while self.killed("pull", words, **hub):
                kills += 1
                if kills >= count or self.random.random() < 0.4:
                    break
            code, said = self.ended(words, **hub)
            wholes += 1
            wrong += [] if code == 0 else [f"exit {code}: {said[-300:]}"]
            for name, content in Hub.files.items():
                found = [path for path in (self.work / "hf").rglob(name)]
                if len(found) != 1 or found[0].read_bytes() != content:
                    wrong.append(f"{name} is not what the hub has")
        server.shutdown()
        outcome = f"{wholes} models pulled again; {self.shown(kills)}"
        self.row("`kill -9` of `pull hf:`", kills, outcome, verdict(wrong))

    def trainings(self, count, steps):
        def words(out):
            return ["train", "digits", "--steps", str(steps), "--out", str(out)]

        reference = self.work / "trained"
        code, said = self.undisturbed("train", words(reference))
        assert code == 0, said
        print(f"an undisturbed training takes {self.seconds['train']:.1f} s", flush=True)
        kills, models, continued, wrong, self.early = 0, 0, 0, [], 0
        end = time.time() + 60 * self.minutes
        while kills < count and time.time() < end:
            out = self.work / f"model-{models}"
            for _ in range(self.random.randint(2, 6)):
                if kills >= count or not self.killed("train", words(out)):
                    break
                kills += 1
            code, said = self.ended(words(out))
            continued += "continuing after step" in said and "after step 0 " not in said
            wrong += [] if code == 0 else [f"exit {code}: {said[-300:]}"]
            wrong += differing_model(reference, out) if code == 0 else []
            models += 1
        outcome = f"{models} models, {continued} of them continued from a checkpoint; {self.shown(kills)}"
        self.row(f"`kill -9` of `train digits --steps {steps}`", kills, outcome, verdict(wrong))

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
        for heap in ("2m", "4m", "6m", "8m", "10m", "12m", "16m", "24m"):
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


def differing_model(reference, out):
    """What of a trained model differs: names of its files, and weights by more than rounding to 16 bits."""
    found = []
    names = [sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) for folder in (reference, out)]
    if names[0] != names[1]:
        found.append(f"files {sorted(set(names[0]) ^ set(names[1]))}")
    a, b = (tensors(folder / "model.safetensors") for folder in (reference, out))
    if a.keys() != b.keys():
        return found + ["other tensors"]
    for name in a:
        worst = max(abs(x - y) for x, y in zip(a[name], b[name]))
        if worst > TOLERANCE * max(1.0, max(map(abs, a[name]))):
            found.append(f"{name} by {worst}")
    return found


def tensors(file):
    content = file.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    found = {}
    for name, tensor in json.loads(content[8 : 8 + length]).items():
        if name != "__metadata__":
            start, end = tensor["data_offsets"]
            numbers = content[8 + length + start : 8 + length + end]
            found[name] = struct.unpack(f"<{len(numbers) // 2}e", numbers)
    return found


def verdict(wrong):
    for line in wrong:
        print("    " + line, flush=True)
    return "equal" if not wrong else f"**{len(wrong)} differences**"


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--runs", type=int, default=120)
    words.add_argument("--pulls", type=int, default=40)
    words.add_argument("--trainings", type=int, default=40)
    words.add_argument("--steps", type=int, default=220, help="of a training, which has a checkpoint every 200")
    words.add_argument("--troubles", type=int, default=1, help="0 leaves them out")
    words.add_argument("--minutes", type=float, default=600, help="at most, for each kind of command")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--kausal", default="./kausal")
    words.add_argument("--out", type=pathlib.Path)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(given.kausal, pathlib.Path(folder), given.seed, given.minutes)
        campaign.reference()
        if given.troubles:
            campaign.troubles()
        campaign.pulls(given.pulls)
        campaign.trainings(given.trainings, given.steps)
        campaign.kills(given.runs)
    table = ["| what was done | times | outcome | compared with an undisturbed run |", "|---|---|---|---|"]
    table += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in campaign.rows]
    if given.out:
        given.out.write_text("# Crashes\n\nWritten by `bench/crash.py`.\n\n" + "\n".join(table) + "\n")
    raise SystemExit(any("**" in row[-1] for row in campaign.rows))


if __name__ == "__main__":
    main()
