"""Makes small random sparse dictionaries for the tiny GPT-2 in every layout that Kausal reads, with their encodings by peers.

    python make_dictionaries.py --out engine/src/test/resources/dictionaries

SAELens writes and reads its own folders; of Gemma Scope's and circuit-tracer's, SAELens and circuit-tracer compute the numbers
from the same weights; sparsify's class does for its own. Each folder also has expected.safetensors with `x` [row, d_in],
`features` [row, d_sae] and `output` [row, d_out]. Needs sae-lens, circuit-tracer and eai-sparsify besides requirements.txt.
"""
import argparse
import os
import shutil

import numpy as np
import torch
from safetensors.torch import save_file

from common import write_json

D_IN, D_SAE, ROWS, K = 20, 32, 6, 5
RESID, Z = "blocks.1.hook_resid_pre", "blocks.0.attn.hook_z"
GENERATOR = torch.Generator()


def drawn(*shape, scale=0.3):
    return torch.randn(shape, generator=GENERATOR) * scale


def expected(folder, x, features, output):
    tensors = {"x": x, "features": features, "output": output}
    save_file({name: value.detach().float().contiguous() for name, value in tensors.items()},
              os.path.join(folder, "expected.safetensors"))


def fresh(out, name, *inner):
    folder = os.path.join(out, name)
    shutil.rmtree(folder, ignore_errors=True)
    folder = os.path.join(folder, *inner)
    os.makedirs(folder)
    return folder


def randomise(sae):
    for name, parameter in sorted(sae.named_parameters()):
        parameter.data = drawn(*parameter.shape)
        if name == "threshold":
            parameter.data = parameter.data.abs()


def sae_lens(out, name, cls, config, hook, x_shape=(ROWS, D_IN), **fields):
    """Writes a folder with SAELens, reads it again with SAELens, and keeps what that encodes and decodes."""
    from sae_lens import SAE

    folder = fresh(out, name)
    sae = cls(config(d_in=D_IN, d_sae=D_SAE, dtype="float32", device="cpu", **fields))
    sae.cfg.metadata.hook_name, sae.cfg.metadata.model_name = hook, "gpt2"
    randomise(sae)
    sae.save_model(folder)
    again = SAE.load_from_disk(folder)
    x = drawn(*x_shape, scale=1.0) + 0.5
    features = again.encode(x)
    output = again(x)
    expected(folder, x.reshape(ROWS, -1), features, output.reshape(ROWS, -1))


def sae_lens_folders(out):
    from sae_lens import (BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig, GatedSAE, GatedSAEConfig, JumpReLUSAE, JumpReLUSAEConfig,
                          JumpReLUTranscoder, JumpReLUTranscoderConfig, SkipTranscoder, SkipTranscoderConfig, StandardSAE,
                          StandardSAEConfig, TopKSAE, TopKSAEConfig, Transcoder, TranscoderConfig)

    sae_lens(out, "standard", StandardSAE, StandardSAEConfig, RESID, apply_b_dec_to_input=True)
    sae_lens(out, "layer-norm", StandardSAE, StandardSAEConfig, RESID, apply_b_dec_to_input=False,
             normalize_activations="layer_norm")
    sae_lens(out, "constant-norm", StandardSAE, StandardSAEConfig, RESID, apply_b_dec_to_input=True,
             normalize_activations="constant_norm_rescale")
    sae_lens(out, "gated", GatedSAE, GatedSAEConfig, RESID, apply_b_dec_to_input=True)
    sae_lens(out, "jumprelu", JumpReLUSAE, JumpReLUSAEConfig, RESID, apply_b_dec_to_input=False)
    sae_lens(out, "topk", TopKSAE, TopKSAEConfig, RESID, apply_b_dec_to_input=True, k=K)
    sae_lens(out, "topk-rescaled", TopKSAE, TopKSAEConfig, RESID, apply_b_dec_to_input=True, k=K,
             rescale_acts_by_decoder_norm=True)
    sae_lens(out, "hook-z", TopKSAE, TopKSAEConfig, Z, x_shape=(ROWS, 4, 5), apply_b_dec_to_input=True, k=K,
             reshape_activations="hook_z")
    sae_lens(out, "transcoder", Transcoder, TranscoderConfig, "blocks.0.hook_mlp_in", d_out=D_IN, apply_b_dec_to_input=False)
    sae_lens(out, "skip-transcoder", SkipTranscoder, SkipTranscoderConfig, "blocks.0.hook_mlp_in", d_out=D_IN,
             apply_b_dec_to_input=False)
    sae_lens(out, "jumprelu-transcoder", JumpReLUTranscoder, JumpReLUTranscoderConfig, "blocks.0.hook_mlp_in", d_out=D_IN,
             apply_b_dec_to_input=False)
    batch_topk(out, BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig)
    before_six(out)


def batch_topk(out, cls, config):
    """A batch top-k autoencoder, which SAELens saves for inference with a threshold."""
    from sae_lens import SAE

    folder = fresh(out, "batchtopk")
    sae = cls(config(d_in=D_IN, d_sae=D_SAE, k=K, dtype="float32", device="cpu"))
    sae.cfg.metadata.hook_name, sae.cfg.metadata.model_name = RESID, "gpt2"
    randomise(sae)
    sae.topk_threshold = torch.tensor(0.4, dtype=torch.double)
    sae.save_inference_model(folder)
    again = SAE.load_from_disk(folder)
    x = drawn(ROWS, D_IN, scale=1.0)
    features = again.encode(x)
    expected(folder, x, features, again.decode(features))


def before_six(out):
    """Fields of a folder before SAELens 6, which SAELens still reads."""
    from sae_lens import SAE

    folder = fresh(out, "before-six")
    weights = {"W_enc": drawn(D_IN, D_SAE), "W_dec": drawn(D_SAE, D_IN), "b_enc": drawn(D_SAE), "b_dec": drawn(D_IN),
               "scaling_factor": torch.ones(D_SAE)}
    save_file(weights, os.path.join(folder, "sae_weights.safetensors"))
    write_json(os.path.join(folder, "cfg.json"), {
        "model_name": "gpt2", "hook_point": RESID, "hook_point_layer": 1, "hook_point_head_index": None, "d_in": D_IN,
        "d_sae": D_SAE, "dtype": "torch.float32", "activation_fn_str": "topk", "activation_fn_kwargs": {"k": K},
        "normalize_activations": False, "prepend_bos": True, "context_size": 128})
    again = SAE.load_from_disk(folder)
    x = drawn(ROWS, D_IN, scale=1.0)
    features = again.encode(x)
    expected(folder, x, features, again.decode(features))


def jumprelu(x, w_enc, b_enc, threshold, w_dec, b_dec, skip=None):
    """By SAELens's classes: a JumpReLU autoencoder, or a transcoder with W_skip [d_out, d_in]."""
    from sae_lens import JumpReLUSAE, JumpReLUSAEConfig
    from sae_lens.saes.transcoder import JumpReLUSkipTranscoder, JumpReLUSkipTranscoderConfig

    fields = dict(d_in=D_IN, d_sae=D_SAE, dtype="float32", device="cpu", apply_b_dec_to_input=False)
    if skip is None:
        sae = JumpReLUSAE(JumpReLUSAEConfig(**fields))
    else:
        sae = JumpReLUSkipTranscoder(JumpReLUSkipTranscoderConfig(d_out=D_IN, **fields))
        sae.W_skip.data = skip
    sae.W_enc.data, sae.b_enc.data, sae.threshold.data = w_enc, b_enc, threshold
    sae.W_dec.data, sae.b_dec.data = w_dec, b_dec
    return sae.encode(x), sae(x)


def gemma_scope(out):
    w_enc, w_dec, b_enc, b_dec = drawn(D_IN, D_SAE), drawn(D_SAE, D_IN), drawn(D_SAE), drawn(D_IN)
    threshold, x = drawn(D_SAE).abs(), drawn(ROWS, D_IN, scale=1.0)
    folder = fresh(out, "gemma-scope", "layer_1", "width_16k", "average_l0_5")
    arrays = dict(W_enc=w_enc, W_dec=w_dec, b_enc=b_enc, b_dec=b_dec, threshold=threshold)
    np.savez(os.path.join(folder, "params.npz"), **{name: value.numpy() for name, value in arrays.items()})
    expected(folder, x, *jumprelu(x, w_enc, b_enc, threshold, w_dec, b_dec))
    folder = fresh(out, "gemma-scope-2", "transcoder", "layer_0_width_16k_l0_small_affine")
    skip = drawn(D_IN, D_IN)
    save_file(dict(w_enc=w_enc, w_dec=w_dec, b_enc=b_enc, b_dec=b_dec, threshold=threshold, affine_skip_connection=skip),
              os.path.join(folder, "params.safetensors"))
    write_json(os.path.join(folder, "config.json"), {
        "architecture": "jump_relu", "affine_connection": True, "model_name": "gpt2", "width": D_SAE,
        "hf_hook_point_in": "model.layers.0.pre_feedforward_layernorm.output",
        "hf_hook_point_out": "model.layers.0.post_feedforward_layernorm.output"})
    expected(folder, x, *jumprelu(x, w_enc, b_enc, threshold, w_dec, b_dec, skip.T.contiguous()))


def circuit_tracer(out):
    from circuit_tracer.transcoder.activation_functions import JumpReLU
    from circuit_tracer.transcoder.single_layer_transcoder import SingleLayerTranscoder, TranscoderSet

    folder, coders = fresh(out, "circuit-tracer"), {}
    for layer in range(2):
        coder = SingleLayerTranscoder(D_IN, D_SAE, JumpReLU(drawn(D_SAE).abs(), 0.1), layer, skip_connection=True,
                                      device=torch.device("cpu"), dtype=torch.float32)
        for name, parameter in sorted(coder.named_parameters()):
            if "threshold" not in name:
                parameter.data = drawn(*parameter.shape)
        coders[layer] = coder
    TranscoderSet(coders, "hook_resid_mid", "hook_mlp_out", scan="tiny").to_safetensors(folder)
    with open(os.path.join(folder, "config.yaml"), "w") as file:
        file.write("model_name: gpt2\nmodel_kind: transcoder_set\nfeature_input_hook: hook_resid_mid\n"
                   "feature_output_hook: hook_mlp_out\nscan: tiny\n")
    x = drawn(ROWS, D_IN, scale=1.0)
    expected(folder, x, coders[1].encode(x), coders[1](x))


def sparsify(out):
    from sparsify import SparseCoder
    from sparsify.config import SparseCoderConfig

    folder = fresh(out, "sparsify", "layers.1")
    coder = SparseCoder(D_IN, SparseCoderConfig(num_latents=D_SAE, k=K, normalize_decoder=True))
    for _, parameter in sorted(coder.named_parameters()):
        parameter.data = drawn(*parameter.shape)
    coder.save_to_disk(folder)
    x = drawn(ROWS, D_IN, scale=1.0)
    encoded = coder.encode(x)
    features = torch.zeros(ROWS, D_SAE).scatter_(-1, encoded.top_indices, encoded.top_acts)
    expected(folder, x, features, features @ coder.W_dec + coder.b_dec)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    GENERATOR.manual_seed(7)
    with torch.no_grad():
        for make in (sae_lens_folders, gemma_scope, circuit_tracer, sparsify):
            make(options.out)
    for folder, _, files in sorted(os.walk(options.out)):
        if files:
            print(folder, {file: os.path.getsize(os.path.join(folder, file)) for file in sorted(files)})


if __name__ == "__main__":
    main()
