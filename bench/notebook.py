"""Times a first use in a notebook: from `pip install` to the first figure, in a home folder with nothing in it.

    mvn -B -P release -DskipTests package
    python notebook.py experiments/target/kausal-0.1.0.tar.gz [--out results/NAME.json]

Steps: a virtual environment with the Kotlin kernel; the archive unpacked; `kausal notebook`; the kernel started; `%use kausal`;
a sweep over the heads of the embedded model, until its figure comes; the same cell again.
"""
import argparse
import os
import sys
import tempfile

from common import write_json
from first_use import Home

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
    with tempfile.TemporaryDirectory() as folder:
        home = Home(folder)
        venv = os.path.join(folder, "venv")
        python = os.path.join(venv, "bin", "python")
        home.timed("environment", lambda: home.run(sys.executable, "-m", "venv", venv))
        home.timed("pip install", lambda: home.run(python, "-m", "pip", "install", "-q", *PACKAGES))
        launcher = home.timed("unpack", lambda: home.unpack(options.archive))
        home.timed("kausal notebook", lambda: home.run(launcher, "notebook"))
        for line in home.run(python, "-c", DRIVER, text=CELL).splitlines():
            if not line.startswith("step:"):
                continue  # The kernel prints lines of its own.
            step, value = line.removeprefix("step:").rsplit(" ", 1)
            home.took(step, float(value))
    seconds = home.seconds
    seconds["pip install to figure"] = sum(value for step, value in seconds.items() if step not in ("environment", "again"))
    print(f"from pip install to the first figure {seconds['pip install to figure']:.1f} s")
    if options.out:
        write_json(options.out, {"packages": PACKAGES, "seconds": seconds})


if __name__ == "__main__":
    main()
