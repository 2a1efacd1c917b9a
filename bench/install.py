"""Times a first use without Maven: the release archive, unpacked, in a home folder with nothing in it.

    mvn -B -P release -DskipTests package
    python install.py experiments/target/kausal-0.1.0.tar.gz [--out results/NAME.json]

Steps: unpack the archive; `kausal --version`, which unpacks PyTorch and archives Java's classes; `kausal run fact-recall`,
whose script is compiled; the same again.
"""
import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import time

from common import write_json


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("archive")
    parser.add_argument("--out")
    options = parser.parse_args()
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        home = os.path.join(folder, "home")
        os.mkdir(home)

        def timed(step, work):
            started = time.perf_counter()
            work()
            seconds[step] = time.perf_counter() - started
            print(f"{step}: {seconds[step]:.1f} s", flush=True)

        def unpack():
            with tarfile.open(options.archive) as archive:
                archive.extractall(folder, filter="data")

        timed("unpack", unpack)
        launcher = os.path.join(folder, os.path.basename(options.archive).removesuffix(".tar.gz"), "kausal")
        kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME", "LANG") if name in os.environ}

        def kausal(*words):
            # Java takes the home folder from the user's entry rather than from HOME.
            environment = kept | {"HOME": home, "JAVA_TOOL_OPTIONS": f"-Duser.home={home}"}
            done = subprocess.run([launcher, *words], cwd=home, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
            return done.stdout

        timed("version", lambda: kausal("--version"))
        timed("first run", lambda: kausal("run", "fact-recall", "--out", "first"))
        timed("second run", lambda: kausal("run", "fact-recall", "--out", "second"))
        kausal("verify", "first")
        if not os.path.isfile(os.path.join(home, "first", "report.html")):
            sys.exit("there is no report")
    seconds["download to report"] = seconds["unpack"] + seconds["version"] + seconds["first run"]
    print(f"{os.path.getsize(options.archive) / 1e6:.0f} MB; from the archive to the first report {seconds['download to report']:.1f} s")
    if options.out:
        write_json(options.out, {"archive_bytes": os.path.getsize(options.archive), "seconds": seconds})


if __name__ == "__main__":
    main()
