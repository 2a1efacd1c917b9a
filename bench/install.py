"""Times a first use without Maven: the release archive, unpacked, in a home folder with nothing in it.

    mvn -B -P release -DskipTests package
    python install.py experiments/target/kausal-0.1.0.tar.gz [--out results/NAME.json]

Steps: unpack the archive; `kausal --version`, which unpacks PyTorch and archives Java's classes; `kausal run fact-recall`,
whose script is compiled; the same again.
"""
import argparse
import os
import sys
import tempfile

from common import write_json
from first_use import Home


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("archive")
    parser.add_argument("--out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(folder)
        launcher = home.timed("unpack", lambda: home.unpack(options.archive))
        home.timed("version", lambda: home.run(launcher, "--version"))
        home.timed("first run", lambda: home.run(launcher, "run", "fact-recall", "--out", "first"))
        home.timed("second run", lambda: home.run(launcher, "run", "fact-recall", "--out", "second"))
        home.run(launcher, "verify", "first")
        if not os.path.isfile(os.path.join(home.path, "first", "report.html")):
            sys.exit("there is no report")
    seconds = home.seconds
    seconds["download to report"] = seconds["unpack"] + seconds["version"] + seconds["first run"]
    print(f"{os.path.getsize(options.archive) / 1e6:.0f} MB; from the archive to the first report {seconds['download to report']:.1f} s")
    if options.out:
        write_json(options.out, {"archive_bytes": os.path.getsize(options.archive), "seconds": seconds})


if __name__ == "__main__":
    main()
