"""The same pieces of work, as users of each peer would write them.

    python peers.py NAME --gguf MODEL.gguf [--threads 2]

Opens the model, prints one line, then does one piece of work for each line of JSON on standard
input and answers with one line, as Kausal's side (src/main/java) does; compare.py talks to both.

Every peer's `do(work, pairs)` gives a list of numbers by pair, then layer, then position or head.
A pair is a dict of `clean` and `corrupted` ids, `answer` and `foil`. Work that a peer does not do
is not in its `does`.
"""
import argparse
import collections
import json
import os
import sys
import time

import torch

from common import load_gguf

from edge_peers import HookedEdges, IntegratedEdges
from peer_grids import Peer, hooked

GRIDS = ["residual", "zero", "head"]


def by_length(pairs):
    """Pairs of one length as one batch: indices, clean ids, corrupted ids, answers, foils."""
    groups = collections.defaultdict(list)
    for index, pair in enumerate(pairs):
        groups[len(pair["clean"])].append(index)
    for indices in groups.values():
        chosen = [pairs[index] for index in indices]
        yield (indices, *(torch.tensor([pair[key] for pair in chosen])
                          for key in ("clean", "corrupted", "answer", "foil")))


def merged(count, parts):
    """[(indices, values [example, ...])] to one flat list in the order of the examples."""
    found = [None] * count
    for indices, values in parts:
        for index, value in zip(indices, values):
            found[index] = value.flatten().tolist()
    return [number for value in found for number in value]


class TransformerLens:
    """Its own patching functions where it has them, batched over prompts of one length."""

    name = "transformer-lens"
    does = GRIDS + ["attribution", "forward", "cached"]

    def __init__(self, model, tokenizer):
        import transformer_lens.patching as patching
        from transformer_lens.model_bridge import TransformerBridge

        self.patching = patching
        patching.tqdm = lambda rows, **_: rows
        self.model = TransformerBridge.boot_transformers(
            "SmolLM2-135M", hf_model=model, tokenizer=tokenizer, dtype=torch.float32, device="cpu")

    def do(self, work, pairs):
        if work == "forward":
            return self.model(torch.tensor([pair["clean"] for pair in pairs]))[:, -1].flatten().tolist()
        if work == "cached":
            logits, _ = self.model.run_with_cache(torch.tensor([pairs[0]["clean"]]))
            return logits[0, -1].tolist()
        return merged(len(pairs), [(group[0], getattr(self, work)(*group[1:])) for group in by_length(pairs)])

    @staticmethod
    def metric(answer, foil):
        rows = torch.arange(len(answer))
        return lambda logits: logits[rows, -1, answer] - logits[rows, -1, foil]

    def patched(self, function, clean, corrupted, answer, foil):
        _, cache = self.model.run_with_cache(clean)
        found = function(self.model, corrupted, cache, self.metric(answer, foil), reduce="none")
        return found.values.movedim(-1, 0) if found.values.shape[0] != len(answer) else found.values

    def residual(self, clean, corrupted, answer, foil):
        return self.patched(self.patching.get_act_patch_resid_pre, clean, corrupted, answer, foil)

    def head(self, clean, corrupted, answer, foil):
        return self.patched(self.patching.get_act_patch_attn_head_out_by_pos, clean, corrupted, answer, foil)

    def zero(self, clean, corrupted, answer, foil):
        metric = self.metric(answer, foil)
        heads = self.model.cfg.n_heads
        grid = []
        for layer in range(self.model.cfg.n_layers):
            for head in range(heads):
                def ablate(value, hook):
                    value = value.clone()
                    value.view(*value.shape[:2], heads, -1)[:, :, head] = 0
                    return value
                grid.append(metric(self.model.run_with_hooks(
                    clean, fwd_hooks=[(f"blocks.{layer}.attn.hook_z", ablate)])))
        return torch.stack(grid, 1)

    def attribution(self, clean, corrupted, answer, foil):
        """Every head's and MLP's share; the final norm's scale is the full stream's."""
        _, cache = self.model.run_with_cache(clean)
        cfg = self.model.cfg
        final = self.model.original_model.model.norm
        stream = cache[f"blocks.{cfg.n_layers - 1}.hook_resid_post"][:, -1]
        scale = (stream.pow(2).mean(-1) + final.variance_epsilon).sqrt()
        unembed = self.model.original_model.lm_head.weight
        direction = (unembed[answer] - unembed[foil]) * final.weight / scale[:, None]
        shares = []
        for layer in range(cfg.n_layers):
            weight = self.model.original_model.model.layers[layer].self_attn.o_proj.weight
            weight = weight.view(cfg.d_model, cfg.n_heads, -1)
            z = cache[f"blocks.{layer}.attn.hook_z"][:, -1].view(len(clean), cfg.n_heads, -1)
            result = torch.einsum("bhd,mhd->bhm", z, weight)
            shares.append(torch.einsum("bhm,bm->bh", result, direction))
            mlp = cache[f"blocks.{layer}.hook_mlp_out"][:, -1]
            shares.append((mlp * direction).sum(-1, keepdim=True))
        embed = (cache["hook_embed"][:, -1] * direction).sum(-1, keepdim=True)
        return torch.cat([embed, *shares], 1)


class PlainHooks(Peer):
    """One hooked pass of the Hugging Face model for each cell."""

    name = "hf-hooks"
    does = GRIDS + ["forward", "edges-exact"]

    def __init__(self, model, tokenizer):
        super().__init__(model, 0, 0)

    def do(self, work, pairs):
        if work == "forward":
            ids = torch.tensor([pair["clean"] for pair in pairs])
            return self.model(ids, use_cache=False).logits[:, -1].flatten().tolist()
        return [number for pair in pairs for number in self.grid(work, pair)]

    def edges(self, pairs, every):
        for pair in pairs:
            hooks = HookedEdges(self.model, pair["answer"], pair["foil"])
            yield from hooks.metrics(torch.tensor([pair["clean"]]), torch.tensor([pair["corrupted"]]), every)

    def grid(self, work, pair):
        clean, corrupted = torch.tensor([pair["clean"]]), torch.tensor([pair["corrupted"]])
        self.right, self.wrong = pair["answer"], pair["foil"]
        source = None if work == "zero" else self.record(clean)[0]
        site = "resid_pre" if work == "residual" else "z"
        ids = clean if work == "zero" else corrupted
        for layer in range(len(self.layers)):
            for position, head in self.cells(work, clean.shape[1]):
                part = slice(None) if head is None else slice(head * self.head_dim, (head + 1) * self.head_dim)
                rows = slice(None) if position is None else position

                def edit(value):
                    value[0, rows, part] = 0 if source is None else source[site, layer][rows, part]
                with hooked([self.replace(site, layer, edit)]):
                    yield self.difference(self.logits(ids))[0].item()

    def cells(self, work, count):
        positions = [None] if work == "zero" else range(count)
        heads = [None] if work == "residual" else range(self.heads)
        return [(position, head) for position in positions for head in heads]


class BlockwiseHooks(PlainHooks):
    """The same model with PyTorch's fused attention."""

    name = "hf-sdpa"
    does = ["forward"]

    def __init__(self, model, tokenizer):
        super().__init__(model, tokenizer)
        model.set_attn_implementation("sdpa")


class HandBatched(PlainHooks):
    """All cells of one layer as one batch: what one can write by hand on the Hugging Face model."""

    name = "hand-batched"
    does = GRIDS + ["attribution", "edges-ig", "texts"]

    def texts(self, pairs, tokens, variants):
        """Log probabilities of the library's greedy tokens, as one batch: unedited, or without one head in each row."""
        ids = torch.tensor([pairs[0]["clean"]]).expand(max(1, variants), -1)
        handles = []
        for layer in range(-(-variants // self.heads)):
            def edit(value, first=layer * self.heads):
                for row in range(first, min(first + self.heads, variants)):
                    head = row - first
                    value[row, :, head * self.head_dim:(head + 1) * self.head_dim] = 0
            handles.append(self.replace("z", layer, edit))
        with hooked(handles):
            out = self.model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, do_sample=False,
                                      eos_token_id=None, pad_token_id=0, output_logits=True, return_dict_in_generate=True)
        chosen = out.sequences[:, ids.shape[1]:]
        logs = torch.stack(out.logits, 1).log_softmax(-1)
        return logs.gather(-1, chosen[..., None]).flatten().tolist()

    def do(self, work, pairs):
        if work == "attribution":
            return merged(len(pairs), [(group[0], self.attribution(*group[1:])) for group in by_length(pairs)])
        return super().do(work, pairs)

    def integrated(self, pairs, steps):
        """The mean over pairs of each edge's estimate."""
        total = 0
        for _, clean, corrupted, answer, foil in by_length(pairs):
            total = total + IntegratedEdges(self.model, answer, foil).scores(clean, corrupted, steps)
        return (total / len(pairs)).tolist()

    def attribution(self, clean, corrupted, answer, foil):
        """Every head's and MLP's share, each head's output weights projected onto the direction first."""
        kept = {}

        def last(name):
            def keep(_, args, out=None):
                kept[name] = (args[0] if out is None else out)[:, -1]
            return keep

        base = self.model.model
        handles = [base.embed_tokens.register_forward_hook(last("embed")),
                   base.norm.register_forward_pre_hook(last("stream"))]
        for index, layer in enumerate(self.layers):
            handles.append(layer.self_attn.o_proj.register_forward_pre_hook(last(("z", index))))
            handles.append(layer.mlp.register_forward_hook(last(("mlp", index))))
        with hooked(handles):
            base(clean, use_cache=False)
        scale = (kept["stream"].pow(2).mean(-1, keepdim=True) + base.norm.variance_epsilon).sqrt()
        unembed = self.model.lm_head.weight
        direction = (unembed[answer] - unembed[foil]) * base.norm.weight / scale
        shares = [(kept["embed"] * direction).sum(-1, keepdim=True)]
        for index, layer in enumerate(self.layers):
            read = direction @ layer.self_attn.o_proj.weight
            shares.append((kept["z", index] * read).view(len(clean), self.heads, -1).sum(-1))
            shares.append((kept["mlp", index] * direction).sum(-1, keepdim=True))
        return torch.cat(shares, 1)

    def grid(self, work, pair):
        clean, corrupted = torch.tensor([pair["clean"]]), torch.tensor([pair["corrupted"]])
        self.right, self.wrong = pair["answer"], pair["foil"]
        if work == "zero":
            zeros = torch.zeros(clean.shape[1], self.heads * self.head_dim)
            yield from self.by_head(clean, lambda layer: zeros).flatten().tolist()
            return
        source, _ = self.record(clean)
        if work == "residual":
            yield from self.by_position("resid_pre", corrupted, source).flatten().tolist()
            return
        cells = self.cells(work, clean.shape[1])
        for layer in range(len(self.layers)):
            def edit(value):
                for row, (position, head) in enumerate(cells):
                    part = slice(head * self.head_dim, (head + 1) * self.head_dim)
                    value[row, position, part] = source["z", layer][position, part]
            with hooked([self.replace("z", layer, edit)]):
                yield from self.difference(self.logits(corrupted.expand(len(cells), -1))).tolist()


class NnSight:
    """A loop of traces, one for each cell."""

    name = "nnsight"
    does = ["residual", "zero"]

    def __init__(self, model, tokenizer):
        from nnsight import LanguageModel
        self.model = LanguageModel(model, tokenizer=tokenizer)
        self.heads = model.config.num_attention_heads

    def do(self, work, pairs):
        return [number for pair in pairs for number in getattr(self, work)(pair)]

    def difference(self, pair):
        logits = self.model.lm_head.output[0, -1]
        return (logits[pair["answer"]] - logits[pair["foil"]]).save()

    def residual(self, pair):
        layers = self.model.model.layers
        clean, corrupted = torch.tensor([pair["clean"]]), torch.tensor([pair["corrupted"]])
        source = {}
        with torch.no_grad(), self.model.trace(clean):
            for index in range(len(layers)):
                source[index] = layers[index].input.clone().save()
        for layer in range(len(layers)):
            for position in range(clean.shape[1]):
                with torch.no_grad(), self.model.trace(corrupted):
                    layers[layer].input[:, position] = source[layer][:, position]
                    found = self.difference(pair)
                yield found.item()

    def zero(self, pair):
        layers = self.model.model.layers
        clean = torch.tensor([pair["clean"]])
        width = self.model.config.hidden_size // self.heads
        for layer in range(len(layers)):
            for head in range(self.heads):
                with torch.no_grad(), self.model.trace(clean):
                    layers[layer].self_attn.o_proj.input[:, :, head * width:(head + 1) * width] = 0
                    found = self.difference(pair)
                yield found.item()


PEERS = {peer.name: peer for peer in (TransformerLens, HandBatched, PlainHooks, BlockwiseHooks, NnSight)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Whatever a library prints is not an answer.
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    started = time.perf_counter()
    peer = PEERS[options.name](*load_gguf(options.gguf))
    print(json.dumps({"ready": time.perf_counter() - started}), file=answers, flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        started = time.perf_counter()
        if order["work"] == "edges-exact":
            values = list(peer.edges(order["pairs"], order["every"]))
        elif order["work"] == "texts":
            values = peer.texts(order["pairs"], order["tokens"], order["variants"])
        elif order["work"] == "edges-ig":
            values = peer.integrated(order["pairs"], order["steps"])
        else:
            values = list(peer.do(order["work"], order["pairs"]))
        print(json.dumps({"seconds": time.perf_counter() - started, "values": values}), file=answers, flush=True)


if __name__ == "__main__":
    main()
