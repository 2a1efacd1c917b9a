"""Makes tiny random models with transformers, and dumps every activation a test compares.

    python make_tiny_models.py --out DIR [--no-transformer-lens]

Writes DIR/{llama,llama-tied-bf16,gpt2}/{config.json,model.safetensors,dump.json}. Sizes are odd on
purpose, so that a transposed or wrongly split matrix does not go unnoticed.

dump.json: {"model", "versions", "dtype", "prompts": [{"ids", "logits", "hooks": {NAME: value}}]},
names and shapes as in TransformerLens, less the batch axis. What the names mean, by the source of
TransformerLens 4.3.0 (transformer_lens/model_bridge/generalized_components):

* hook_scale is the denominator, [pos, 1]: sqrt(mean(x^2) + eps), where x has its mean taken off
  first in LayerNorm but not in RMSNorm (normalization.py, _python_norm_forward and
  _hf_autograd_forward_with_hooks).
* hook_normalized is x / scale BEFORE the gain and the bias, for both norms (the same functions).
  Of HookedTransformer's LayerNorm, which this version has dropped, some releases call the hook
  after gain and bias (components/layer_norm.py there). That other value is dumped as hook_out:
  the norm's output, with gain and bias.
* hook_q, hook_k, hook_v: before rotation, [pos, heads or kv_heads, d_head]; hook_rot_q and
  hook_rot_k: after it, in the half-split layout of Hugging Face's rotate_half, keys not yet
  repeated for their query heads (position_embeddings_attention.py, _reconstruct_attention).
* hook_attn_scores: scaled by 1/sqrt(d_head) and masked, before softmax, [head, query, key]. The
  bridge adds the dtype's lowest number where a key may not be seen, or -inf in its compatibility
  mode, as HookedTransformer did (attention.py, _apply_reconstruct_attention_mask). Masked
  entries are null here.
* hook_result: what each head writes, [pos, head, d_model], without the output bias
  (attention.py, the docstring and body of the per-head output path).
"""
import argparse
import json
import os
import tempfile

import torch

from common import rounded, versions, write_json

PROMPTS = [[3, 17, 42, 5, 28, 50, 11], [9, 0, 52, 31]]
DIGITS = 8


def scramble(model, seed):
    """Random weights large enough for attention to be far from uniform."""
    generator = torch.Generator().manual_seed(seed)
    seen = set()
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            if weight.data_ptr() in seen:
                continue
            seen.add(weight.data_ptr())
            noise = torch.randn(weight.shape, generator=generator)
            if weight.dim() == 2:
                plain_embedding = any(part in name for part in ("embed_tokens", "wte", "wpe"))
                fan_in = weight.shape[0] if "c_" in name else weight.shape[1]
                weight.copy_(noise * (0.8 if plain_embedding else 1.3 / fan_in ** 0.5))
            elif name.endswith("bias"):
                weight.copy_(noise * 0.3)
            else:
                weight.copy_(1 + noise * 0.3)
    return model.eval()


def llama():
    from transformers import LlamaConfig, LlamaForCausalLM

    return scramble(LlamaForCausalLM(LlamaConfig(
        vocab_size=61, hidden_size=24, intermediate_size=44, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=2, head_dim=10, max_position_embeddings=64,
        rms_norm_eps=1e-5, rope_parameters={"rope_type": "default", "rope_theta": 5000.0},
        attention_bias=False, mlp_bias=False, tie_word_embeddings=False,
        bos_token_id=1, eos_token_id=2, dtype="float32")), 20240501)


def llama_tied_bf16():
    from transformers import LlamaConfig, LlamaForCausalLM

    model = scramble(LlamaForCausalLM(LlamaConfig(
        vocab_size=53, hidden_size=24, intermediate_size=36, num_hidden_layers=2,
        num_attention_heads=3, num_key_value_heads=1, max_position_embeddings=64,
        rms_norm_eps=1e-6, rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        attention_bias=True, mlp_bias=True, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2)), 20240502)
    return model.to(torch.bfloat16)


def gpt2():
    from transformers import GPT2Config, GPT2LMHeadModel

    return scramble(GPT2LMHeadModel(GPT2Config(
        vocab_size=61, n_positions=32, n_embd=20, n_layer=2, n_head=4, n_inner=52,
        activation_function="gelu_new", layer_norm_epsilon=1e-5,
        bos_token_id=1, eos_token_id=2, dtype="float32")), 20240503)


def older_config(path):
    """Rewrites config.json with the keys that transformers 4 wrote, as most published models have."""
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
    config["torch_dtype"] = config.pop("dtype")
    config["rope_scaling"] = None
    config.pop("head_dim", None)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file, indent=2, sort_keys=True)
        file.write("\n")


def watch(model, ids):
    """Runs the model; gives its logits, its patterns, and each module's first input and output."""
    inputs, outputs, handles = {}, {}, []

    def hook(name):
        def keep(_, args, kwargs, out):
            first = args[0] if args else kwargs.get("hidden_states")
            inputs[name] = first[0].clone() if isinstance(first, torch.Tensor) else None
            out = out[0] if isinstance(out, tuple) else out
            outputs[name] = out[0].clone() if isinstance(out, torch.Tensor) else None
        return keep

    for name, module in model.named_modules():
        handles.append(module.register_forward_hook(hook(name), with_kwargs=True))
    out = model(torch.tensor([ids]), use_cache=False, output_attentions=True)
    for handle in handles:
        handle.remove()
    return out.logits[0], [a[0] for a in out.attentions], inputs, outputs


def close(found, expected, what, tolerance=2e-5):
    error = float((found - expected).abs().max())
    assert found.shape == expected.shape and error < tolerance, (what, found.shape, expected.shape, error)


def norm_hooks(hooks, prefix, x, module, rms, output):
    eps = module.variance_epsilon if rms else module.eps
    centred = x if rms else x - x.mean(-1, keepdim=True)
    scale = (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt()
    normalized = centred / scale
    close(normalized * module.weight + (0 if rms else module.bias), output, prefix)
    hooks[f"{prefix}.hook_scale"] = scale
    hooks[f"{prefix}.hook_normalized"] = normalized
    hooks[f"{prefix}.hook_out"] = output
    return output


def rotate(x, theta):
    """[pos, head, d]: pairs (i, i + d/2) turned by pos * theta^(-2i/d)."""
    half = x.shape[-1] // 2
    angle = torch.arange(x.shape[0])[:, None] * theta ** (-torch.arange(half) / half)
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


def attend(hooks, prefix, q, k, v, pattern, z, out_weight, out_bias, attn_out):
    """Scores to result by plain maths, held against the model's own pattern, z and output.

    out_weight is [d_model, heads * d_head].
    """
    count, heads, width = q.shape
    repeat = heads // k.shape[1]
    keys, values = (t.repeat_interleave(repeat, 1) for t in (k, v))
    scores = torch.einsum("qhd,khd->hqk", q, keys) / width ** 0.5
    scores = scores.masked_fill(torch.ones(count, count).triu(1).bool(), -torch.inf)
    close(scores.softmax(-1), pattern, prefix + "pattern")
    z = z.view(count, heads, width)
    close(torch.einsum("hqk,khd->qhd", pattern, values), z, prefix + "z")
    result = torch.einsum("phd,mhd->phm", z, out_weight.view(-1, heads, width))
    close(result.sum(1) + (0 if out_bias is None else out_bias), attn_out, prefix + "result")
    hooks[prefix + "hook_attn_scores"] = scores
    hooks[prefix + "hook_pattern"] = pattern
    hooks[prefix + "hook_z"] = z
    hooks[prefix + "hook_result"] = result


def residual(hooks, block, pre, attn_out, mid, mlp_out, post):
    close(pre + attn_out, mid, block + "mid")
    close(mid + mlp_out, post, block + "post")
    for name, value in (("resid_pre", pre), ("attn_out", attn_out), ("resid_mid", mid),
                        ("mlp_out", mlp_out), ("resid_post", post)):
        hooks[f"{block}hook_{name}"] = value


def dump_llama(model, ids):
    config = model.config
    logits, patterns, inputs, outputs = watch(model, ids)
    theta = config.rope_parameters["rope_theta"]
    hooks = {"hook_embed": outputs["model.embed_tokens"]}
    for index, layer in enumerate(model.model.layers):
        at, block = f"model.layers.{index}", f"blocks.{index}."
        residual(hooks, block, inputs[at + ".input_layernorm"], outputs[at + ".self_attn"],
                 inputs[at + ".post_attention_layernorm"], outputs[at + ".mlp"], outputs[at])
        norm_hooks(hooks, block + "ln1", inputs[at + ".input_layernorm"], layer.input_layernorm,
                   True, outputs[at + ".input_layernorm"])
        norm_hooks(hooks, block + "ln2", inputs[at + ".post_attention_layernorm"],
                   layer.post_attention_layernorm, True, outputs[at + ".post_attention_layernorm"])
        q, k, v = (outputs[f"{at}.self_attn.{n}_proj"].view(len(ids), -1, layer.self_attn.head_dim)
                   for n in "qkv")
        rot_q, rot_k = rotate(q, theta), rotate(k, theta)
        for name, value in (("q", q), ("k", k), ("v", v), ("rot_q", rot_q), ("rot_k", rot_k)):
            hooks[f"{block}attn.hook_{name}"] = value
        out = layer.self_attn.o_proj
        attend(hooks, block + "attn.", rot_q, rot_k, v, patterns[index],
               inputs[at + ".self_attn.o_proj"], out.weight, out.bias, outputs[at + ".self_attn"])
        pre, linear = outputs[at + ".mlp.gate_proj"], outputs[at + ".mlp.up_proj"]
        post = inputs[at + ".mlp.down_proj"]
        close(pre * torch.sigmoid(pre) * linear, post, block + "mlp")
        hooks[block + "mlp.hook_pre"] = pre
        hooks[block + "mlp.hook_pre_linear"] = linear
        hooks[block + "mlp.hook_post"] = post
    final = norm_hooks(hooks, "ln_final", inputs["model.norm"], model.model.norm, True, outputs["model.norm"])
    close(final @ model.lm_head.weight.T, logits, "logits")
    return logits, hooks


def dump_gpt2(model, ids):
    config = model.config
    logits, patterns, inputs, outputs = watch(model, ids)
    positions = model.transformer.wpe.weight[:len(ids)]
    hooks = {"hook_embed": outputs["transformer.wte"], "hook_pos_embed": positions}
    close(hooks["hook_embed"] + positions, inputs["transformer.h.0.ln_1"], "embeddings")
    for index, layer in enumerate(model.transformer.h):
        at, block = f"transformer.h.{index}", f"blocks.{index}."
        residual(hooks, block, inputs[at + ".ln_1"], outputs[at + ".attn"], inputs[at + ".ln_2"],
                 outputs[at + ".mlp"], outputs[at])
        norm_hooks(hooks, block + "ln1", inputs[at + ".ln_1"], layer.ln_1, False, outputs[at + ".ln_1"])
        norm_hooks(hooks, block + "ln2", inputs[at + ".ln_2"], layer.ln_2, False, outputs[at + ".ln_2"])
        q, k, v = (part.reshape(len(ids), config.n_head, -1)
                   for part in outputs[at + ".attn.c_attn"].split(config.n_embd, -1))
        for name, value in (("q", q), ("k", k), ("v", v)):
            hooks[f"{block}attn.hook_{name}"] = value
        out = layer.attn.c_proj
        attend(hooks, block + "attn.", q, k, v, patterns[index], inputs[at + ".attn.c_proj"],
               out.weight.T.contiguous(), out.bias, outputs[at + ".attn"])
        pre, post = outputs[at + ".mlp.c_fc"], inputs[at + ".mlp.c_proj"]
        close(torch.nn.functional.gelu(pre, approximate="tanh"), post, block + "mlp")
        hooks[block + "mlp.hook_pre"] = pre
        hooks[block + "mlp.hook_post"] = post
    final = norm_hooks(hooks, "ln_final", inputs["transformer.ln_f"], model.transformer.ln_f, False,
                       outputs["transformer.ln_f"])
    close(final @ model.lm_head.weight.T, logits, "logits")
    return logits, hooks


def against_transformer_lens(name, model, prompts):
    """The largest difference to what TransformerLens's bridge caches under the same names."""
    from tokenizers import Tokenizer, models
    from transformer_lens.model_bridge import TransformerBridge
    from transformers import PreTrainedTokenizerFast

    words = {f"w{i}": i for i in range(model.config.vocab_size)}
    with tempfile.TemporaryDirectory() as folder:
        # The bridge wants a tokenizer that it can load again, though ids go straight in.
        PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer(models.WordLevel(words, unk_token="w0")), unk_token="w0",
            bos_token="w1", eos_token="w2", pad_token="w2").save_pretrained(folder)
        bridge = TransformerBridge.boot_transformers(
            name, hf_model=model, dtype=torch.float32, device="cpu",
            tokenizer=PreTrainedTokenizerFast.from_pretrained(folder))
    bridge.set_use_attn_result(True)
    worst, absent, shapes = 0.0, set(), set()
    for ids, logits, hooks in prompts:
        found, cache = bridge.run_with_cache(torch.tensor([ids]))
        close(found[0], logits, "TransformerLens logits")
        for key, value in hooks.items():
            try:
                other = cache[key]
            except KeyError:
                absent.add(key)
                continue
            other = other[0] if other.dim() == value.dim() + 1 else other
            if other.shape != value.shape:
                shapes.add((key, tuple(other.shape), tuple(value.shape)))
                continue
            seen = torch.isfinite(value)
            error = float((other - value)[seen].abs().max())
            if error > 2e-5:
                print(f"  {key} differs by {error:.3g}")
            worst = max(worst, error)
            if key.endswith("hook_attn_scores") and not bool(seen.all()):
                masked = float(other[~seen].max())
    print(f"  TransformerLens: worst {worst:.2g}, masked score {masked:.4g}, absent {sorted(absent)}, "
          f"other shapes {sorted(shapes)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--no-transformer-lens", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    from transformers import AutoModelForCausalLM

    for name, make, dump in (("llama", llama, dump_llama), ("llama-tied-bf16", llama_tied_bf16, dump_llama),
                             ("gpt2", gpt2, dump_gpt2)):
        folder = os.path.join(options.out, name)
        made = make()
        stored = str(next(made.parameters()).dtype).removeprefix("torch.")
        made.save_pretrained(folder)
        if os.path.exists(os.path.join(folder, "generation_config.json")):
            os.remove(os.path.join(folder, "generation_config.json"))
        if name == "llama-tied-bf16":
            older_config(os.path.join(folder, "config.json"))
        # What is dumped is what the files hold, in float32.
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager").eval()
        for (key, weight), (_, again) in zip(made.named_parameters(), model.named_parameters()):
            assert torch.equal(weight.float(), again), key
        with torch.inference_mode():
            prompts = [(ids, *dump(model, ids)) for ids in PROMPTS]
            path = os.path.join(folder, "dump.json")
            write_json(path, {
                "model": name, "versions": versions(), "stored_dtype": stored, "dtype": "float32",
                "prompts": [{"ids": ids, "logits": rounded(logits, DIGITS),
                             "hooks": {key: rounded(value, DIGITS) for key, value in hooks.items()}}
                            for ids, logits, hooks in prompts]})
            print(name, {f: os.path.getsize(os.path.join(folder, f)) for f in sorted(os.listdir(folder))},
                  len(prompts[0][2]), "hooks")
            if not options.no_transformer_lens:
                against_transformer_lens(name, model, prompts)


if __name__ == "__main__":
    main()
