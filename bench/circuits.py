"""Composition scores and copying scores of heads, from weights alone.

    python circuits.py --tiny DIR --gguf FILE --out FILE

Composition scores are TransformerLens's all_composition_scores, of weights as they are in the checkpoint. Copying
scores (Elhage et al. 2021) are the sum of the eigenvalues of W_E W_V W_O W_U over the sum of their sizes; those of
the tiny models come from the whole matrix, those of the GGUF from W_V W_O W_U W_E [d_model, d_model] in float64.
"""
import argparse
import os

import torch
from transformer_lens import FactoredMatrix
from transformer_lens.utilities import composition_scores

from common import load_gguf, rounded, versions, write_json
from tiny.families import MODELS
from tiny.lens import bridge

TINY = ("gpt2", "llama", "qwen2", "gpt-neox")
WRITERS = [(0, 0), (7, 4), (20, 8)]  # of the GGUF
LAYERS = (0, 11, 29)


def ov(model, layer, head):
    values = model.W_V[layer].double()
    group = model.W_O.shape[1] // values.shape[0]
    return values[head // group], model.W_O[layer, head].double()


def copying(eigenvalues):
    return float(eigenvalues.sum().real / eigenvalues.abs().sum())


def tiny_scores(name, folder):
    tiny = next(tiny for tiny in MODELS if tiny.folder == name)
    model = bridge(name, tiny.load(os.path.join(folder, name), torch.float32).eval())
    heads = [(layer, head) for layer in range(model.cfg.n_layers) for head in range(model.cfg.n_heads)]
    scores = []
    for layer, head in heads:
        value, output = ov(model, layer, head)
        whole = model.W_E.double() @ value @ output @ model.W_U.double()
        scores.append(copying(torch.linalg.eigvals(whole)))
    return {"composition": {kind: rounded(model.all_composition_scores(kind).scores, 8) for kind in "QKV"},
            "copying": rounded(scores, 8)}


def gguf_scores(path):
    model = bridge("smollm2", load_gguf(path)[0])
    between = model.W_U.double() @ model.W_E.double()
    scores = {}
    for layer in LAYERS:
        pairs = (ov(model, layer, head) for head in range(model.cfg.n_heads))
        scores[layer] = [copying(torch.linalg.eigvals(output @ between @ value)) for value, output in pairs]
    composition = {"Q": [], "K": [], "V": []}
    readers = {"Q": model.QK, "K": model.QK.T, "V": model.OV}
    for layer, head in WRITERS:
        # As all_composition_scores does for every pair, which takes long here.
        writer = FactoredMatrix(model.OV.A[layer, head], model.OV.B[layer, head])
        for kind, reader in readers.items():
            found = composition_scores(writer, reader, broadcast_dims=False)
            found[:layer + 1] = 0
            composition[kind].append(rounded(found, 7))
    return {"writers": WRITERS, "composition": composition, "copying": rounded(scores_as_lists(scores), 8)}


def scores_as_lists(scores):
    return [[layer, *values] for layer, values in scores.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tiny", required=True)
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    with torch.no_grad():
        write_json(options.out, {
            "schema": 1, "versions": versions(),
            "tiny": {name: tiny_scores(name, options.tiny) for name in TINY}, "smollm2": gguf_scores(options.gguf)})


if __name__ == "__main__":
    main()
