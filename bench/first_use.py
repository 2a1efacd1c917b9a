"""A first use of the release archive: a home folder with nothing in it, and commands in it."""
import os
import subprocess
import sys
import tarfile
import time

KEPT = ("PATH", "JAVA_HOME", "LANG")


class Home:
    """An empty home folder in `folder`, in which commands run with few variables of this process's environment."""

    def __init__(self, folder):
        self.folder, self.path, self.seconds = folder, os.path.join(folder, "home"), {}
        os.mkdir(self.path)

    def timed(self, step, work):
        """Returns what `work` returns; its time is in `seconds`."""
        started = time.perf_counter()
        result = work()
        self.took(step, time.perf_counter() - started)
        return result

    def took(self, step, seconds):
        """Keeps and prints the time of a step."""
        self.seconds[step] = seconds
        print(f"{step}: {seconds:.1f} s", flush=True)

    def unpack(self, archive):
        """Unpacks the release beside the home folder and returns the path of its launcher."""
        with tarfile.open(archive) as release:
            release.extractall(self.folder, filter="data")
        return os.path.join(self.folder, os.path.basename(archive).removesuffix(".tar.gz"), "kausal")

    def run(self, *words, text=""):
        """Returns what a command prints, which gets `text` as its input."""
        kept = {name: os.environ[name] for name in os.environ if name in KEPT or name.startswith("PIP_")}
        # Java takes the home folder from the user's entry rather than from HOME.
        environment = kept | {"HOME": self.path, "JAVA_TOOL_OPTIONS": f"-Duser.home={self.path}"}
        done = subprocess.run(words, cwd=self.path, env=environment, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout
