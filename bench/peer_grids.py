"""Writes the numbers that Hugging Face (and TransformerLens) give for one patching task.

    python peer_grids.py --gguf MODEL.gguf --out DIR [--no-transformer-lens]

The clean prompt names the Eiffel Tower and the corrupted one the Colosseum; the metric is the
logit of " Paris" less the logit of " Rome" at the last position. Patching runs the corrupted
prompt and puts in activations of the clean one, at one position of one layer, or for one head at
all positions. Ablation runs the clean prompt.

Every number comes from the Hugging Face model and plain PyTorch hooks. The residual grid and the
zero ablation of heads are then computed again through TransformerLens's bridge.
"""
import argparse
import contextlib
import os
import time

import torch

from common import load_gguf, rounded, versions, write_json

CLEAN = "The Eiffel Tower is located in the city of"
CORRUPTED = "The Colosseum is located in the city of"
EXPECTED_CLEAN, EXPECTED_CORRUPTED, EXPECTED_PROBABILITY = 4.8124, -9.0587, 0.702


@contextlib.contextmanager
def hooked(handles):
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class Peer:
    """One Llama model, with hooks at the places that Kausal patches."""

    def __init__(self, model, right, wrong):
        self.model, self.right, self.wrong = model, right, wrong
        config = model.config
        self.layers = model.model.layers
        self.heads = config.num_attention_heads
        self.head_dim = getattr(config, "head_dim", None) or config.hidden_size // self.heads

    def logits(self, ids):
        return self.model(ids, use_cache=False, logits_to_keep=1).logits[:, -1]

    def difference(self, logits):
        return logits[..., self.right] - logits[..., self.wrong]

    def replace(self, site, layer, edit):
        """Registers an edit of one site: edit takes the activation and changes it in place."""
        block = self.layers[layer]

        def before(_, args):
            value = args[0].clone()
            edit(value)
            return (value,) + tuple(args[1:])

        def after(_, args, out):
            first = out[0] if isinstance(out, tuple) else out
            value = first.clone()
            edit(value)
            return (value,) + tuple(out[1:]) if isinstance(out, tuple) else value

        if site == "resid_pre":
            return block.register_forward_pre_hook(before)
        if site == "z":
            return block.self_attn.o_proj.register_forward_pre_hook(before)
        if site == "attn_out":
            return block.self_attn.register_forward_hook(after)
        if site == "mlp_out":
            return block.mlp.register_forward_hook(after)
        if site == "resid_post":
            return block.register_forward_hook(after)
        raise ValueError(site)

    def record(self, ids):
        """All sites of all layers of one prompt, [pos, width] each, and its last logits."""
        kept = {}

        def keep(name):
            def edit(value):
                kept[name] = value[0].clone()
            return edit

        handles = [self.replace(site, layer, keep((site, layer)))
                   for layer in range(len(self.layers))
                   for site in ("resid_pre", "z", "attn_out", "mlp_out", "resid_post")]
        with hooked(handles):
            logits = self.logits(ids)
        return kept, logits[0]

    def by_position(self, site, ids, source):
        """[layer][pos]: row p of a batch has position p replaced."""
        count = ids.shape[1]
        batch, rows = ids.expand(count, -1), torch.arange(count)
        grid = []
        for layer in range(len(self.layers)):
            def edit(value):
                value[rows, rows] = source[site, layer]
            with hooked([self.replace(site, layer, edit)]):
                grid.append(self.difference(self.logits(batch)))
        return torch.stack(grid)

    def by_head(self, ids, replacement):
        """[layer][head]: row h of a batch has z of head h replaced at all positions."""
        batch = ids.expand(self.heads, -1)
        grid = []
        for layer in range(len(self.layers)):
            new = replacement(layer)

            def edit(value):
                for head in range(self.heads):
                    part = slice(head * self.head_dim, (head + 1) * self.head_dim)
                    value[head, :, part] = new[:, part]
            with hooked([self.replace("z", layer, edit)]):
                grid.append(self.difference(self.logits(batch)))
        return torch.stack(grid)

    def attribution(self, kept):
        """What each part adds to the metric, by the final norm's scale of the whole stream."""
        norm = self.model.model.norm
        stream = kept["resid_post", len(self.layers) - 1][-1].double()
        scale = (stream.pow(2).mean() + norm.variance_epsilon).sqrt()
        unembed = self.model.lm_head.weight.double()
        direction = norm.weight.double() * (unembed[self.right] - unembed[self.wrong]) / scale
        heads, mlps = [], []
        for layer, block in enumerate(self.layers):
            z = kept["z", layer][-1].double().view(self.heads, self.head_dim)
            weight = block.self_attn.o_proj.weight.double().view(-1, self.heads, self.head_dim)
            heads.append(torch.einsum("hd,mhd,m->h", z, weight, direction))
            mlps.append(kept["mlp_out", layer][-1].double() @ direction)
        return {"scale": scale, "embed": kept["resid_pre", 0][-1].double() @ direction,
                "heads": torch.stack(heads), "mlps": torch.stack(mlps)}

    def lens(self, kept):
        """What the final norm and the unembedding read from each layer's residual stream."""
        stream = torch.stack([kept["resid_post", layer][-1] for layer in range(len(self.layers))])
        logits = self.model.lm_head(self.model.model.norm(stream))
        top = logits.softmax(-1).max(-1)
        return {"top_id": top.indices, "top_probability": top.values,
                "difference": self.difference(logits)}


def through_transformer_lens(model, tokenizer, clean, corrupted, right, wrong):
    """The residual grid and the zero ablation of heads, through TransformerLens's hooks."""
    from transformer_lens.model_bridge import TransformerBridge

    bridge = TransformerBridge.boot_transformers(
        "SmolLM2-135M", hf_model=model, tokenizer=tokenizer, dtype=torch.float32, device="cpu")
    layers, heads, count = bridge.cfg.n_layers, bridge.cfg.n_heads, clean.shape[1]
    _, cache = bridge.run_with_cache(clean)
    rows = torch.arange(count)

    def metric(logits):
        return logits[:, -1, right] - logits[:, -1, wrong]

    residual, ablation = [], []
    for layer in range(layers):
        name = f"blocks.{layer}.hook_resid_pre"
        source = cache[name][0]

        def patch(value, hook):
            value = value.clone()
            value[rows, rows] = source
            return value

        residual.append(metric(bridge.run_with_hooks(
            corrupted.expand(count, -1), fwd_hooks=[(name, patch)])))

        def zero(value, hook):
            value = value.clone()
            split = value.view(value.shape[0], value.shape[1], heads, -1)
            for head in range(heads):
                split[head, :, head] = 0
            return value

        ablation.append(metric(bridge.run_with_hooks(
            clean.expand(heads, -1), fwd_hooks=[(f"blocks.{layer}.attn.hook_z", zero)])))
    return torch.stack(residual), torch.stack(ablation)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--name", default="smollm2-135m-q4.json")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-transformer-lens", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    model, tokenizer = load_gguf(options.gguf)

    def encode(text):
        return tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids

    clean, corrupted = encode(CLEAN), encode(CORRUPTED)
    (right,), (wrong,) = encode(" Paris")[0].tolist(), encode(" Rome")[0].tolist()
    assert (right, wrong) == (7042, 7268), (right, wrong)
    assert clean.shape == corrupted.shape == (1, 10)

    started = time.time()

    def tell(name, grid):
        print(f"{name}: min {grid.min():.4f} max {grid.max():.4f} ({time.time() - started:.1f} s)", flush=True)
        return rounded(grid, 7)

    with torch.inference_mode():
        peer = Peer(model, right, wrong)
        source, clean_logits = peer.record(clean)
        _, corrupted_logits = peer.record(corrupted)
        differences = [float(peer.difference(v)) for v in (clean_logits, corrupted_logits)]
        probability = float(clean_logits.softmax(-1)[right])
        print("logit differences", differences, "P(right | clean)", probability)
        assert abs(differences[0] - EXPECTED_CLEAN) < 1e-3
        assert abs(differences[1] - EXPECTED_CORRUPTED) < 1e-3
        assert abs(probability - EXPECTED_PROBABILITY) < 1e-3

        parts = peer.attribution(source)
        total = parts["embed"] + parts["heads"].sum() + parts["mlps"].sum()
        print(f"attribution sums to {total:.6f}")
        assert abs(float(total) - differences[0]) < 1e-3, total
        lens = peer.lens(source)

        residual = peer.by_position("resid_pre", corrupted, source)
        zeroed = peer.by_head(clean, lambda layer: torch.zeros_like(source["z", layer]))
        result = {
            "model": os.path.basename(options.gguf),
            "versions": versions(),
            "prompts": {
                "clean": CLEAN, "corrupted": CORRUPTED, "prepend_bos": False,
                "clean_ids": clean[0].tolist(), "corrupted_ids": corrupted[0].tolist(),
                "clean_tokens": [tokenizer.decode([i]) for i in clean[0].tolist()],
                "corrupted_tokens": [tokenizer.decode([i]) for i in corrupted[0].tolist()]},
            "right": {"text": " Paris", "id": right}, "wrong": {"text": " Rome", "id": wrong},
            "clean_difference": rounded(differences[0], 7),
            "corrupted_difference": rounded(differences[1], 7),
            "clean_right_probability": rounded(probability, 7),
            "clean_right_logit": rounded(float(clean_logits[right]), 7),
            "clean_top_ids": clean_logits.topk(10).indices.tolist(),
            "clean_top_logits": rounded(clean_logits.topk(10).values, 7),
            "patch_resid_pre": tell("patch resid_pre", residual),
            "patch_attn_out": tell("patch attn_out", peer.by_position("attn_out", corrupted, source)),
            "patch_mlp_out": tell("patch mlp_out", peer.by_position("mlp_out", corrupted, source)),
            "zero_head": tell("zero head", zeroed),
            "mean_head": tell("mean head", peer.by_head(
                clean, lambda layer: source["z", layer].mean(0, keepdim=True).expand_as(source["z", layer]))),
            "patch_head_z": tell("patch head z", peer.by_head(corrupted, lambda layer: source["z", layer])),
            "attribution": {
                "final_norm_scale": rounded(float(parts["scale"]), 7),
                "embed": rounded(float(parts["embed"]), 7),
                "heads": rounded(parts["heads"], 7), "mlps": rounded(parts["mlps"], 7),
                "sum": rounded(float(total), 7)},
            "logit_lens": {
                "site": "resid_post", "position": clean.shape[1] - 1,
                "top_id": lens["top_id"].tolist(),
                "top_token": [tokenizer.decode([i]) for i in lens["top_id"].tolist()],
                "top_probability": rounded(lens["top_probability"], 7),
                "difference": rounded(lens["difference"], 7)},
        }
        path = os.path.join(options.out, options.name)
        write_json(path, result)
        if not options.no_transformer_lens:
            tl_residual, tl_zeroed = through_transformer_lens(model, tokenizer, clean, corrupted, right, wrong)
            result["transformer_lens"] = {
                "resid_pre_max_abs_error": rounded(float((tl_residual - residual).abs().max()), 3),
                "zero_head_max_abs_error": rounded(float((tl_zeroed - zeroed).abs().max()), 3)}
            print(result["transformer_lens"], f"({time.time() - started:.1f} s)")
            assert max(result["transformer_lens"].values()) < 2e-3
            write_json(path, result)
    print(path, os.path.getsize(path), "bytes")


if __name__ == "__main__":
    main()
