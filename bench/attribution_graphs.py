"""Attribution graphs of tiny models by circuit-tracer, with random transcoders in its layout.

    python attribution_graphs.py --tiny engine/src/test/resources/tiny --out engine/src/test/resources/graphs

Each folder has transcoders (layer_L.safetensors, config.yaml), graph.json with circuit-tracer's nodes, adjacency matrix, scores and pruned
nodes and edges, and model.json, the file that it writes for its viewer. Needs circuit-tracer 0.5.0 and TransformerLens 3, in an
environment of its own (see make_dictionaries.py).
"""
import argparse
import importlib
import json
import os
import shutil
import tempfile
from unittest import mock

import huggingface_hub.constants
import torch
from transformer_lens import HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions.gemma import convert_gemma_weights
from transformer_lens.pretrained.weight_conversions.gpt2 import convert_gpt2_weights
from transformer_lens.pretrained.weight_conversions.llama import convert_llama_weights
from transformers import AutoModelForCausalLM

from common import rounded, versions, write_json

# circuit-tracer 0.5.0 asks for a constant that newer versions lack.
huggingface_hub.constants.HF_HUB_ENABLE_HF_TRANSFER = False

GENERATOR = torch.Generator()
DIGITS = 8
CPU = torch.device("cpu")


class Words:
    """What circuit-tracer and TransformerLens ask of a tokenizer; token 5 is "t5"."""
    padding_side, name_or_path = "right", "words"
    bos_token_id = pad_token_id = 1
    all_special_ids = [1]

    def __init__(self, size):
        self.vocab_size = size

    def decode(self, ids):
        return " ".join(f"t{i}" for i in torch.as_tensor(ids).reshape(-1).tolist())


def drawn(*shape, scale=0.3):
    return torch.randn(shape, generator=GENERATOR) * scale


def configs(name, hf):
    """TransformerLens's config and weights of a tiny model."""
    common = dict(device="cpu", dtype=torch.float32, d_vocab=hf.vocab_size, tokenizer_name=None, model_name=name, default_prepend_bos=False)
    if name == "gpt2":
        cfg = HookedTransformerConfig(n_layers=hf.n_layer, d_model=hf.n_embd, n_ctx=hf.n_positions, n_heads=hf.n_head,
                                      d_head=hf.n_embd // hf.n_head, d_mlp=hf.n_inner, act_fn="gelu_new", eps=hf.layer_norm_epsilon,
                                      normalization_type="LN", **common)
        return cfg, convert_gpt2_weights
    theta = (getattr(hf, "rope_parameters", None) or {}).get("rope_theta") or hf.rope_theta
    shared = dict(n_layers=hf.num_hidden_layers, d_model=hf.hidden_size, n_ctx=hf.max_position_embeddings, n_heads=hf.num_attention_heads,
                  n_key_value_heads=hf.num_key_value_heads, d_head=hf.head_dim, d_mlp=hf.intermediate_size, eps=hf.rms_norm_eps,
                  normalization_type="RMS", positional_embedding_type="rotary", rotary_adjacent_pairs=False, rotary_dim=hf.head_dim,
                  rotary_base=theta, gated_mlp=True, final_rms=True, **common)
    if name == "llama":
        return HookedTransformerConfig(act_fn="silu", **shared), convert_llama_weights
    cfg = HookedTransformerConfig(act_fn="gelu_pytorch_tanh", use_normalization_before_and_after=True, use_local_attn=True,
                                  window_size=hf.sliding_window, attn_types=["local", "global"], attn_scale=hf.query_pre_attn_scalar ** 0.5,
                                  attn_scores_soft_cap=hf.attn_logit_softcapping, output_logits_soft_cap=hf.final_logit_softcapping,
                                  original_architecture="Gemma2ForCausalLM", **shared)
    return cfg, convert_gemma_weights


def model_of(folder, name, transcoders):
    from circuit_tracer.replacement_model.replacement_model_transformerlens import TransformerLensReplacementModel

    hf = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    cfg, convert = configs(name, hf.config)
    model = TransformerLensReplacementModel(cfg)
    model.load_and_process_state_dict(convert(hf, cfg), fold_ln=False, center_writing_weights=False, center_unembed=False,
                                      fold_value_biases=False, refactor_factored_attn_matrices=False)
    tokens = torch.tensor([PROMPT])
    with torch.no_grad():
        off = (model(tokens) - hf(tokens).logits).abs().max().item()
    assert off < 1e-4, f"{name}: TransformerLens is {off} from the library"
    model.tokenizer = Words(cfg.d_vocab)
    model._configure_replacement_model(transcoders)
    return model


PROMPT = [1, 7, 23, 11, 42, 5, 19, 30]

# model, what is read, whether features have thresholds, whether there is a skip connection, most features, features per step
CASES = {
    "gpt2-relu": ("gpt2", "hook_resid_mid", False, False, None, 512),
    "gpt2-jumprelu-skip": ("gpt2", "mlp.hook_in", True, True, 24, 8),
    "llama-relu-skip": ("llama", "mlp.hook_in", False, True, None, 512),
    "llama-jumprelu": ("llama", "hook_resid_mid", True, False, 40, 16),
    "gemma2-jumprelu": ("gemma2", "ln2.hook_normalized", True, False, None, 512),
}


def transcoders_of(layers, width, features, hook, thresholds, skip):
    from circuit_tracer.transcoder.activation_functions import JumpReLU
    from circuit_tracer.transcoder.single_layer_transcoder import SingleLayerTranscoder, TranscoderSet

    coders = {}
    for layer in range(layers):
        active = JumpReLU(drawn(features).abs(), 0.1) if thresholds else torch.nn.functional.relu
        coder = SingleLayerTranscoder(width, features, active, layer, skip_connection=skip, device=CPU, dtype=torch.float32)
        for name, parameter in sorted(coder.named_parameters()):
            if "threshold" not in name:
                parameter.data = drawn(*parameter.shape)
        coder.b_enc.data -= 0.6
        coders[layer] = coder
    return TranscoderSet(coders, hook, "hook_mlp_out", scan="tiny")


def graph(name, options):
    from circuit_tracer.attribution.attribute import attribute
    from circuit_tracer.graph import compute_graph_scores, prune_graph

    model_name, hook, thresholds, skip, most, step = CASES[name]
    folder = os.path.join(options.out, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(options.tiny, model_name, "config.json")) as file:
        config = json.load(file)
    layers, width = (config.get(a) or config[b] for a, b in (("num_hidden_layers", "n_layer"), ("hidden_size", "n_embd")))
    transcoders = transcoders_of(layers, width, 24, hook, thresholds, skip)
    transcoders.to_safetensors(folder)
    with open(os.path.join(folder, "config.yaml"), "w") as file:
        file.write(f"model_name: {model_name}\nmodel_kind: transcoder_set\nfeature_input_hook: {hook}\n"
                   f"feature_output_hook: hook_mlp_out\nscan: tiny\n")
    model = model_of(os.path.join(options.tiny, model_name), model_name, transcoders)
    found = attribute(torch.tensor(PROMPT), model, batch_size=step, update_interval=1, max_feature_nodes=most)
    nodes, edges, cumulative = prune_graph(found)
    interventions = edited(found, model)
    replacement, completeness = compute_graph_scores(found)
    write_json(os.path.join(folder, "graph.json"), {
        "versions": versions(), "model": model_name, "prompt": PROMPT, "most": most, "step": step,
        "active": len(found.active_features), "interventions": interventions,
        "features": found.active_features[found.selected_features].tolist(),
        "activations": rounded(found.activation_values[found.selected_features], DIGITS),
        "logits": [target.vocab_idx for target in found.logit_targets],
        "probabilities": rounded(found.logit_probabilities, DIGITS),
        "adjacency": rounded(found.adjacency_matrix, DIGITS),
        "replacement": replacement, "completeness": completeness,
        "nodes": nodes.nonzero().squeeze(-1).tolist(), "edges": edges.nonzero().tolist(), "cumulative": rounded(cumulative, DIGITS)})
    viewer(found, model.tokenizer, folder)


def edited(found, model):
    """Logits of the last position with the most active feature of each layer ablated, and clamped to 2, at one position."""
    runs = []
    for layer in range(found.cfg.n_layers):
        own = (found.active_features[:, 0] == layer) & (found.active_features[:, 1] > 2)
        best = torch.where(own)[0][found.activation_values[own].argmax()]
        _, position, feature = found.active_features[best].tolist()
        for value in (0.0, 2.0):
            logits, _ = model.feature_intervention(torch.tensor(PROMPT), [(layer, position, feature, value)], freeze_attention=False)
            runs.append({"layer": layer, "position": position, "feature": feature, "value": value,
                         "logits": rounded(logits[0, -1], DIGITS)})
    return runs


def viewer(found, tokenizer, folder):
    """Writes circuit-tracer's own file for its viewer, without a tokenizer from the hub."""
    files = importlib.import_module("circuit_tracer.utils.create_graph_files")  # a function of the package hides the module
    with tempfile.TemporaryDirectory() as out, mock.patch.object(files.AutoTokenizer, "from_pretrained", lambda _: tokenizer):
        files.create_graph_files(found, "facts", out)
        with open(os.path.join(out, "facts.json")) as file:
            model = json.load(file)
    for node in model["nodes"]:
        for field in ("influence", "activation", "token_prob"):
            node[field] = rounded(node[field], DIGITS)
    for link in model["links"]:
        link["weight"] = rounded(link["weight"], DIGITS)
    write_json(os.path.join(folder, "model.json"), model)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tiny", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    GENERATOR.manual_seed(7)
    for name in CASES:
        graph(name, options)
        folder = os.path.join(options.out, name)
        print(name, {file: os.path.getsize(os.path.join(folder, file)) for file in sorted(os.listdir(folder))})


if __name__ == "__main__":
    main()
