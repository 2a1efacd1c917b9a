"""Measures of attention and attributions of class logits, from the tiny models' dumps, by other libraries.

    python attention_measures.py --tiny DIR --out FILE

Reads what make_tiny_models.py wrote: patterns and activations of the reference libraries. Gradients come from the
reference models themselves. numpy, SciPy and NetworkX do the sums in double precision; nothing here is shared with
Kausal. --out is one JSON file that a test of the engine compares with.
"""
import argparse
import json
import os

import networkx
import numpy as np
import torch
from safetensors.numpy import load_file
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.spatial.distance import cdist, jensenshannon, pdist, squareform
from scipy.stats import entropy

from common import rounded, versions, write_json
from tiny.families import MODELS

PATTERNS = ["vit", "deit", "dinov2-registers", "timm-vit-qk-norm", "timm-vit-gap", "timm-deit-distilled",
            "bert-masked", "distilbert-masked", "gpt2"]
GRADIENTS = {"vit": 1, "timm-vit-qk-norm": 2, "bert-classes": 0}
ATTRIBUTIONS = ["vit", "deit", "dinov2", "timm-vit", "timm-vit-qk-norm", "timm-vit-avg-registers", "timm-vit-gap",
                "timm-deit-distilled"]
ANSWER, FOIL = 1, 3
PATCH = 4
FUSE = {"MEAN": np.mean, "MAX": np.max, "MIN": np.min}
VARIANTS = [("MEAN", 0.0), ("MAX", 0.5), ("MIN", 0.25), ("MEAN", 0.9)]


class Dumped:
    """Activations of one prompt of a tiny model, by hook name."""

    def __init__(self, folder, index=0):
        with open(os.path.join(folder, "dump.json"), encoding="utf-8") as file:
            self.about = json.load(file)["prompts"][index]
        self.stored = load_file(os.path.join(folder, "dump.safetensors"))
        self.index = index
        self.layers = sum(name.startswith("0/blocks.") and name.endswith("hook_z") for name in self.stored)

    def __getitem__(self, name):
        return self.stored[f"{self.index}/{self.about['same'].get(name, name)}"].astype(np.float64)

    def patterns(self):
        return np.stack([self[f"blocks.{layer}.attn.hook_pattern"] for layer in range(self.layers)])


def rollout(patterns, fusion, discard, residual=True):
    """Abnar and Zuidema 2020; the faintest weights of each layer's fused pattern set to 0 before the residual."""
    n = patterns.shape[-1]
    joint = np.eye(n)
    for layer in patterns:
        fused = FUSE[fusion](layer, axis=0).reshape(-1).copy()
        fused[np.argsort(fused, kind="stable")[:int(np.floor(n * n * discard))]] = 0
        mixed = fused.reshape(n, n) + (np.eye(n) if residual else 0)
        joint = mixed / mixed.sum(-1, keepdims=True) @ joint
    return joint


def maximum_flow(patterns, query):
    """Of one position after the last layer, to each input position."""
    layers, n = len(patterns), patterns.shape[-1]
    graph = networkx.DiGraph()
    for layer, pattern in enumerate(patterns.mean(1)):
        for above in range(n):
            for below in range(n):
                graph.add_edge((layer + 1, above), (layer, below),
                               capacity=0.5 * pattern[above, below] + 0.5 * (above == below))
    return [networkx.maximum_flow_value(graph, (layers, query), (0, key)) for key in range(n)]


def diversity(maps):
    """Mean of pairs, for each layer of [layer, head, key]."""
    shares = maps / maps.sum(-1, keepdims=True)
    return {"COSINE": [pdist(heads, "cosine").mean() for heads in maps],
            "CORRELATION": [pdist(heads, "correlation").mean() for heads in maps],
            "JENSEN_SHANNON": [pdist(heads, lambda a, b: jensenshannon(a, b) ** 2).mean() for heads in shares]}


def spatial(patterns, about):
    """What is of the patch grid."""
    rows, columns = about["grid"]
    before = len(about["prefix"])
    maps = patterns[:, :, 0, before:] if before else patterns.mean(2)
    shares = maps / maps.sum(-1, keepdims=True)
    at = np.argmax(shares, -1)
    places = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), -1).reshape(-1, 2) * PATCH
    among = patterns[:, :, before:, before:]
    among = among / among.sum(-1, keepdims=True)
    return {"row": at // columns, "column": at % columns, "peak": shares.max(-1),
            "concentration": 1 - entropy(shares, axis=-1) / np.log(rows * columns),
            "centreRow": shares @ places[:, 0] / PATCH, "centreColumn": shares @ places[:, 1] / PATCH,
            "distance": (among * cdist(places, places)).sum(-1).mean(-1),
            "shares": maps.sum(-1), "diversity": diversity(maps)}


def measures(dumped):
    patterns = dumped.patterns()
    found = {
        "rollout": {f"{fusion}/{discard}": rollout(patterns, fusion, discard) for fusion, discard in VARIANTS},
        "accumulated": rollout(patterns, "MEAN", 0, residual=False),
        "maximumFlow": maximum_flow(patterns, 0),
        "entropy": entropy(patterns, axis=-1).mean(-1),
        "diversity": diversity(patterns[:, :, 0]),
        "shareOfFirst": patterns[..., 0].mean(-1)}
    if "grid" in dumped.about:
        found["spatial"] = spatial(patterns, dumped.about)
        tops = np.stack([dumped[f"blocks.{layer}.hook_resid_post"] for layer in range(dumped.layers)])
        patches = tops[:, len(dumped.about["prefix"]):]
        found["activation"] = {"means": patches.mean(-1), "norms": np.linalg.norm(patches, axis=-1)}
    return plain(found)


def gradients(folder, tiny, dumped, output):
    """Gradients of one logit at every pattern, by autograd, and the relevance of Chefer et al. 2021."""
    import timm.layers

    timm.layers.set_fused_attn(False)
    model = tiny.load(folder, torch.float32).eval()
    if dumped.about.get("ids"):
        result = model(input_ids=torch.tensor([dumped.about["ids"]]),
                       token_type_ids=torch.tensor([dumped.about["token_types"]]), output_attentions=True)
        logits, patterns = result.logits[0], list(result.attentions)
    elif tiny.folder.startswith("timm"):
        patterns = []
        for block in model.blocks:
            block.attn.attn_drop.register_forward_hook(lambda module, inputs, out: patterns.append(out))
        logits = model(torch.tensor(dumped["pixel_values"], dtype=torch.float32)[None])[0]
    else:
        result = model(torch.tensor(dumped["pixel_values"], dtype=torch.float32)[None], output_attentions=True)
        logits, patterns = result.logits[0], list(result.attentions)
    found = np.stack([g[0].double().numpy() for g in torch.autograd.grad(logits[output], patterns)])
    weights = np.stack([p[0].detach().double().numpy() for p in patterns])
    np.testing.assert_allclose(weights, dumped.patterns(), atol=2e-6)
    relevance = np.eye(weights.shape[-1])
    for weight, gradient in zip(weights, found):
        relevance = relevance + np.clip(weight * gradient, 0, None).mean(0) @ relevance
    return plain({"output": output, "gradients": found, "relevance": relevance})


def classifier(model):
    """Final norm's weight, and the rows of the classifiers [block, class, d_model]."""
    norms = [m for m in (getattr(model, name, None) for name in ("norm", "fc_norm"))
             if isinstance(m, torch.nn.LayerNorm)]
    if not norms:
        body = getattr(model, model.base_model_prefix)
        norms = [body.layernorm]
    heads = [getattr(model, name) for name in ("head", "head_dist", "classifier", "cls_classifier",
                                               "distillation_classifier") if hasattr(model, name)]
    weight = torch.stack([h.weight for h in heads]) / len(heads)
    width = norms[0].weight.shape[0]
    blocks = torch.cat(list(weight.split(width, -1))) if weight.shape[-1] != width else weight
    return norms[0].weight.detach().double().numpy(), blocks.detach().double().numpy()


def attribution(folder, tiny, dumped):
    """Shares of the difference of two class logits: of each head, and of each head and source position."""
    gain, blocks = classifier(tiny.load(folder, torch.float32))
    before = len(dumped.about["prefix"])
    length = before + int(np.prod(dumped.about["grid"]))
    patches = np.zeros(length)
    patches[before:] = 1 / (length - before)
    first, second = np.eye(length)[0], np.eye(length)[1 if length > 1 else 0]
    parts = {"dinov2": [first, patches], "deit": [first, second], "timm-deit-distilled": [first, second],
             "timm-vit-gap": [patches], "timm-vit-avg-registers": [patches]}.get(tiny.folder, [first])
    directions = np.einsum("bp,bd->pd", np.stack(parts), (blocks[:, ANSWER] - blocks[:, FOIL]) * gain)
    directions -= directions.mean(-1, keepdims=True)
    directions /= dumped["ln_final.hook_scale"].reshape(-1, 1)
    heads, sources = [], []
    for layer in range(dumped.layers):
        at = f"blocks.{layer}.attn."
        heads.append(np.einsum("phd,pd->h", dumped[at + "hook_result"], directions))
        values, z, result = dumped[at + "hook_v"], dumped[at + "hook_z"], dumped[at + "hook_result"]
        output = [np.linalg.lstsq(z[:, h], result[:, h], rcond=None)[0] for h in range(z.shape[1])]
        sources.append(np.stack([np.einsum("pk,ke,ed,pd->k", dumped[at + "hook_pattern"][h], values[:, h], output[h],
                                           directions) for h in range(z.shape[1])]))
    mlps = [(dumped[f"blocks.{layer}.hook_mlp_out"] * directions).sum() for layer in range(dumped.layers)]
    return plain({"heads": np.stack(heads), "sources": np.stack(sources), "mlps": mlps})


def specialisation():
    """Heads of two kinds, and some of none, on four images."""
    random = np.random.default_rng(20240701)
    kinds = random.dirichlet(np.full(12, 0.4), (4, 3))
    maps = np.stack([[0.8 * kinds[image][head % 3] + 0.2 * random.dirichlet(np.ones(12)) for head in range(8)]
                     for image in range(4)])
    distances = np.mean([squareform(pdist(image, "correlation")) for image in maps], 0)
    tree = linkage(squareform(distances, checks=False), "average")
    return plain({"maps": maps, "similarity": 1 - distances, "first": tree[:, 0].astype(int),
                  "second": tree[:, 1].astype(int), "distances": tree[:, 2], "sizes": tree[:, 3].astype(int),
                  "order": leaves_list(tree), "cut": fcluster(tree, 3, "maxclust"), "means": maps.mean(0)})


def plain(value):
    """Arrays as nested lists of nine digits."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return rounded(np.asarray(value).tolist(), 9)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tiny", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    by_name = {tiny.folder: tiny for tiny in MODELS}

    def at(name):
        return os.path.join(options.tiny, name)

    write_json(options.out, {
        "schema": 1, "versions": versions(), "answer": ANSWER, "foil": FOIL,
        "measures": {name: [measures(Dumped(at(name), index)) for index in (0, 1)] for name in PATTERNS},
        "gradients": {name: gradients(at(name), by_name[name], Dumped(at(name)), output)
                      for name, output in GRADIENTS.items()},
        "attributions": {name: attribution(at(name), by_name[name], Dumped(at(name))) for name in ATTRIBUTIONS},
        "specialisation": specialisation()})


if __name__ == "__main__":
    main()
