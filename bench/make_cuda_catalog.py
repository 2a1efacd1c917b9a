"""Writes the list of PyTorch's CUDA libraries, with sizes and hashes, from their wheels.

    python3 bench/make_cuda_catalog.py FOLDER_FOR_WHEELS

The version of PyTorch is that of DJL's own library. Wheels are fetched with pip: 2.8 GB.
"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import zipfile

TORCH = "2.7.1"
TARGET = [
    "--python-version", "3.12", "--implementation", "cp", "--abi", "cp312", "--abi", "none",
    "--platform", "manylinux_2_28_x86_64", "--platform", "manylinux2014_x86_64",
]
# Needed by Python, by profilers, or by programs that use several GPUs at once.
UNUSED = re.compile(r"lib(torch_python|shm|checkpoint|nvperf_|pcsampling|nvblas|cufftw|cusolverMg|cufile_rdma)")
OUT = pathlib.Path(__file__).parent.parent / "engine/src/main/resources/dev/kausal/engine/source/cuda-libraries.json"


def fetched(folder, requirement):
    """Returns the wheel of a requirement such as torch==2.7.1."""
    name, version = requirement.split("==")
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", *TARGET,
         "-d", str(folder), requirement],
        check=True)
    return next(folder.glob(f"{name.replace('-', '_')}-{version}-*.whl"))


def required(wheel):
    """Returns NVIDIA's packages that a wheel of PyTorch requires on Linux."""
    with zipfile.ZipFile(wheel) as packed:
        metadata = next(name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
        lines = packed.read(metadata).decode().splitlines()
    found = [re.match(r"Requires-Dist: (nvidia-[a-z0-9-]+==[0-9.]+)", line) for line in lines]
    return sorted(match.group(1) for match in found if match)


def libraries(wheel):
    """Returns name, size and SHA-256 of the libraries in a wheel."""
    files = []
    with zipfile.ZipFile(wheel) as packed:
        for member in packed.infolist():
            base = member.filename.rsplit("/", 1)[-1]
            if "/lib/" in member.filename and ".so" in base and not UNUSED.match(base) and member.file_size:
                digest = hashlib.sha256()
                with packed.open(member) as content:
                    for part in iter(lambda: content.read(1 << 20), b""):
                        digest.update(part)
                files.append({"name": member.filename, "wheelPath": member.filename, "size": member.file_size,
                              "sha256": digest.hexdigest()})
    return files


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch = fetched(folder, f"torch=={TORCH}")
    packages = []
    for requirement in [f"torch=={TORCH}", *required(torch)]:
        name, version = requirement.split("==")
        packages.append({"name": name, "version": version, "files": libraries(fetched(folder, requirement))})
    OUT.write_text(json.dumps(packages, indent=2) + "\n")
    print(f"{sum(f['size'] for p in packages for f in p['files'])} bytes in {len(packages)} packages: {OUT}")


if __name__ == "__main__":
    main()
