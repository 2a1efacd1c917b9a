"""Writes the weight readers' test vectors: bytes, and what Python's gguf and safetensors make of them.

Needs gguf, numpy, safetensors and torch. Usage: make_quant_vectors.py [folder]
"""

import base64
import json
import sys
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize
from safetensors.torch import save_file

BLOCKS = 4
# Where each format's block holds its float16 numbers, which random bytes could make infinite.
SCALES = {
    "F16": [0],
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q5_1": [0, 2],
    "Q8_0": [0],
    "Q2_K": [80, 82],
    "Q3_K": [108],
    "Q4_K": [0, 2],
    "Q5_K": [0, 2],
    "Q6_K": [208],
    "IQ4_NL": [0],
    "IQ4_XS": [0],
}


def text(array):
    return base64.b64encode(array.tobytes()).decode()


def quant_vectors(rng):
    vectors = {}
    for name, places in SCALES.items():
        kind = GGMLQuantizationType[name]
        block_size, block_bytes = GGML_QUANT_SIZES[kind]
        count = BLOCKS * max(1, 32 // block_size)
        blocks = rng.integers(0, 256, (count, block_bytes), dtype=np.uint8)
        for place in places:
            scales = rng.normal(0, 0.1, (count, 1)).astype(np.float16)
            scales[0] = 3e-6  # subnormal in float16
            blocks[:, place : place + 2] = scales.view(np.uint8)
        rows = blocks.reshape(1, -1)
        vectors[name] = {"blocks": text(rows), "values": text(dequantize(rows, kind).astype("<f4"))}
    return vectors


def safetensors_file(folder):
    torch.manual_seed(3)
    wide = torch.randn(3, 5) * torch.logspace(-6, 3, 5)
    kinds = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "f64": torch.float64}
    tensors = {name: wide.to(kind) for name, kind in kinds.items()}
    save_file(tensors, folder / "python.safetensors", {"format": "pt"})
    return {name: text(tensor.to(torch.float32).numpy().astype("<f4")) for name, tensor in tensors.items()}


def gguf_file(folder, rng):
    path = folder / "python.gguf"
    writer = GGUFWriter(path, "tiny")
    writer.add_custom_alignment(64)
    writer.add_uint32("tiny.count", 7)
    writer.add_array("tiny.words", ["a", "ü", ""])
    weight = rng.normal(size=(2, 3)).astype(np.float32)
    quants = rng.integers(0, 256, (2, 2 * 34), dtype=np.uint8)
    quants.reshape(-1, 34)[:, :2] = np.float16(0.01).reshape(1).view(np.uint8)
    writer.add_tensor("weight", weight)
    writer.add_tensor("quants", quants, raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    expected = dequantize(quants, GGMLQuantizationType.Q8_0)
    return {"weight": text(weight.astype("<f4")), "quants": text(expected.astype("<f4"))}


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "engine/src/test/resources/weights")
    rng = np.random.default_rng(11)
    vectors = {
        "quants": quant_vectors(rng),
        "safetensors": safetensors_file(folder),
        "gguf": gguf_file(folder, rng),
    }
    (folder / "vectors.json").write_text(json.dumps(vectors, indent=1) + "\n")


main()
