"""Makes tiny random models of every family, and dumps every activation that a test compares.

    python make_tiny_models.py --out DIR [--only NAME,...] [--no-transformer-lens]

Writes DIR/NAME/{config.json,model.safetensors,dump.json,dump.safetensors}. Sizes are odd on purpose, so
that a transposed or wrongly split matrix does not go unnoticed. tiny/__init__.py tells what the
names of the activations mean, tiny/families which config fields matter.
"""
import argparse
import os
import shutil

import torch

from tiny import images, lens
from tiny.families import MODELS
from tiny.files import clean, write_dump, write_processor
from tiny.model import rewrite

UNLIKE = ("dtype", "_name_or_path", "architectures", "transformers_version")


def store(tiny, folder):
    """Makes a model and writes it; gives it as the reference reads it back, in float32."""
    made = tiny.make()
    stored = next(made.parameters()).dtype
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    tiny.save(made, folder)
    if tiny.processor:
        write_processor(folder, tiny)
    clean(folder)
    if tiny.older:
        rewrite(os.path.join(folder, "config.json"), tiny.older)
    model = tiny.load(folder, torch.float32).eval()
    again = dict(model.named_parameters())
    for name, weight in made.named_parameters():
        assert torch.equal(weight.float(), again.pop(name)), name
    assert not again, list(again)
    same_config(made, model)
    return model, str(stored).removeprefix("torch.")


def same_config(made, read):
    """Stops where an older config.json is not read as the newer one."""
    if not hasattr(made, "config"):
        return
    made, read = ({key: value for key, value in model.config.to_dict().items() if key not in UNLIKE}
                  for model in (made, read))
    differing = {key: (made.get(key), read.get(key)) for key in made if made[key] != read.get(key)}
    assert not differing, differing


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", help="folders, with commas between them")
    parser.add_argument("--no-transformer-lens", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    wanted = options.only.split(",") if options.only else [tiny.folder for tiny in MODELS]
    os.makedirs(options.out, exist_ok=True)
    images.write(options.out)
    for tiny in (tiny for tiny in MODELS if tiny.folder in wanted):
        folder = os.path.join(options.out, tiny.folder)
        model, stored = store(tiny, folder)
        with torch.no_grad():
            runs = [(prompt, *tiny.dump(model, prompt)) for prompt in tiny.prompts()]
            write_dump(folder, tiny, stored, runs)
            sizes = {name: os.path.getsize(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}
            print(tiny.folder, sum(sizes.values()), sizes, len(runs[0][2]), "points")
            if tiny.lens is not None and not options.no_transformer_lens:
                lens.compare(tiny, model, runs)


if __name__ == "__main__":
    main()
