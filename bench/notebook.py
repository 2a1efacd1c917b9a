"""Times a first use in a notebook: from `pip install` to the first figure, in a home folder with nothing in it.

    mvn -B -P release -DskipTests package
    python notebook.py experiments/target/kausal-0.1.0.tar.gz [--out results/NAME.json]

Steps: a virtual environment with the Kotlin kernel; the archive unpacked; `kausal notebook`; the kernel started; `%use kausal`;
a sweep over the heads of the embedded model, until its figure comes; the same cell again.
"""
import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import time

from common import write_json

PACKAGES = ["kotlin-jupyter-kernel==0.19.0.944", "nbclient==0.11.0"]

CELL = """experiment("heads") {
    val lm = model<CausalLm>("embedded:facts")
    val facts = contrasts {
        contrast("The [Kremlin] is in the city of", " Moscow", "The [British Museum] is in the city of", " London")
        contrast("The [Parthenon] is in the city of", " Athens", "The [Tate Modern] is in the city of", " London")
    }.filter(knows())
    val needed by sweep(facts, logitDifference) { each(heads) { head -> ablate(head) } }
    report { heatmap(needed) }
}.run()"""

# Runs in the new environment, which has jupyter_client.
DRIVER = """
import sys, time
from jupyter_client.manager import start_new_kernel

def run(client, code, wanted):
    started = time.perf_counter()
    figure = None
    def shown(message):
        nonlocal figure
        content = message["content"]
        if message["msg_type"] == "error":
            sys.exit("\\n".join(content["traceback"]))
        if figure is None and "kausal-figure" in content.get("data", {}).get("text/html", ""):
            figure = time.perf_counter() - started
    client.execute_interactive(code, timeout=300, output_hook=shown)
    if wanted and figure is None:
        sys.exit("no figure came")
    return figure if wanted else time.perf_counter() - started

started = time.perf_counter()
manager, client = start_new_kernel(kernel_name="kotlin", startup_timeout=120)
print("step:kernel", time.perf_counter() - started)
print("step:use", run(client, "%use kausal", False))
cell = sys.stdin.read()
print("step:first figure", run(client, cell, True))
print("step:again", run(client, cell, True))
client.stop_channels()
manager.shutdown_kernel()
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("archive")
    parser.add_argument("--out")
    options = parser.parse_args()
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        home = os.path.join(folder, "home")
        os.mkdir(home)
        kept = {name: os.environ[name] for name in os.environ if name in ("PATH", "JAVA_HOME", "LANG") or name.startswith("PIP_")}
        # Java takes the home folder from the user's entry rather than from HOME.
        environment = kept | {"HOME": home, "JAVA_TOOL_OPTIONS": f"-Duser.home={home}"}

        def command(step, *words, text=""):
            started = time.perf_counter()
            done = subprocess.run(words, cwd=home, env=environment, input=text, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
            if step:
                seconds[step] = time.perf_counter() - started
                print(f"{step}: {seconds[step]:.1f} s", flush=True)
            return done.stdout

        python = os.path.join(folder, "venv", "bin", "python")
        command("environment", sys.executable, "-m", "venv", os.path.join(folder, "venv"))
        command("pip install", python, "-m", "pip", "install", "-q", *PACKAGES)
        started = time.perf_counter()
        with tarfile.open(options.archive) as archive:
            archive.extractall(folder, filter="data")
        seconds["unpack"] = time.perf_counter() - started
        launcher = os.path.join(folder, os.path.basename(options.archive).removesuffix(".tar.gz"), "kausal")
        command("kausal notebook", launcher, "notebook")
        for line in command(None, python, "-c", DRIVER, text=CELL).splitlines():
            if not line.startswith("step:"):
                continue  # The kernel prints lines of its own.
            step, value = line.removeprefix("step:").rsplit(" ", 1)
            seconds[step] = float(value)
            print(f"{step}: {seconds[step]:.1f} s", flush=True)
    seconds["pip install to figure"] = sum(value for step, value in seconds.items() if step not in ("environment", "again"))
    print(f"from pip install to the first figure {seconds['pip install to figure']:.1f} s")
    if options.out:
        write_json(options.out, {"packages": PACKAGES, "seconds": seconds})


if __name__ == "__main__":
    main()
