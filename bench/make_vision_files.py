"""Makes folders of small random vision models in the shapes that people have, and what the library computes of each.

    python make_vision_files.py --out DIR [--only NAME,...]

Writes DIR/NAME/{config.json,model.safetensors,expected.safetensors} and, where the case has a processor,
preprocessor_config.json. expected.safetensors has pixel_values and outputs: what the library itself gives for the
folder as it lies there (with tensors and fields left out), in float32 with eager attention. pixel_values are those of
tiny/image.png where the model has a processor, else random (then there is a tensor "drawn"). tiny/vision_files has the cases.
"""
import argparse
import os
import shutil

import torch
from safetensors.torch import save_file

from tiny.files import clean
from tiny.vision_files import CASES


def write(case, folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    case.save(folder)
    clean(folder)
    pixels, outputs = case.expected(folder)
    tensors = {"pixel_values": pixels, **outputs}
    if case.size:
        tensors["drawn"] = torch.ones(1)
    assert all(torch.isfinite(value).all() for value in tensors.values()), case.name
    save_file({name: value.detach().float().contiguous().clone() for name, value in tensors.items()},
              os.path.join(folder, "expected.safetensors"))
    size = sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder))
    print(case.name, size, {name: list(value.shape) for name, value in tensors.items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", help="names, with commas between them")
    options = parser.parse_args()
    torch.set_num_threads(1)
    wanted = options.only.split(",") if options.only else [case.name for case in CASES]
    for case in (case for case in CASES if case.name in wanted):
        with torch.no_grad():
            write(case, os.path.join(options.out, case.name))


if __name__ == "__main__":
    main()
