"""Edges of tiny models by plain PyTorch in float64, for EdgesTest and PathsTest: estimates, exact patches of
single edges, circuits and paths.

    python bench/edges.py > engine/src/test/resources/analysis/edges.json

A forward pass in which every reader (queries of a head, keys and values of a key-value head, MLP, logits) has an input of its own,
written out here for four families and held against the library's logits, and for GPT-2 against TransformerLens's direct paths. Estimates
are autograd's at these inputs.

Dropped: for each layer, gradients with what it adds to the stream detached; mean absolute scores over the layers other than the
reader's own, all layers for the logits. Recomputed: edges into queries and keys as the pattern of attention with the changed input
minus the clean one, times the gradient at the pattern.
"""

import json
import pathlib
import random

import torch
from transformer_lens.model_bridge import TransformerBridge
from transformer_lens.patching import get_act_patch_direct_path
from transformers import AutoModelForCausalLM
from transformers.models.gpt_neox.modeling_gpt_neox import apply_rotary_pos_emb as partly
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb as rotated

TINY = pathlib.Path(__file__).parent.parent / "engine/src/test/resources/tiny"
CLEAN, CORRUPTED, ANSWER, FOIL = [3, 17, 42, 5, 28, 11], [3, 9, 42, 5, 30, 11], 13, 19
STEPS = 5


class Net:
    """One model as a function of readers' inputs."""

    def __init__(self, name):
        self.model = AutoModelForCausalLM.from_pretrained(TINY / name, dtype=torch.float64, attn_implementation="eager").eval()
        self.config, self.name = self.model.config, name
        self.body = getattr(self.model, {"gpt2": "transformer", "gpt-neox": "gpt_neox"}.get(name, "model"))
        self.layers = self.body.h if name == "gpt2" else self.body.layers
        self.heads = self.config.num_attention_heads
        self.kv = getattr(self.config, "num_key_value_heads", None) or self.heads
        self.parallel = name == "gpt-neox"
        self.dropped, self.probes = None, None

    def embed(self, ids):
        ids = torch.tensor(ids)
        if self.name == "gpt2":
            return self.body.wte(ids) + self.body.wpe(torch.arange(len(ids)))
        return self.model.get_input_embeddings()(ids)

    def project(self, block, part, head, x):
        """Queries, keys or values [position, d_head] of one head from its own input."""
        width = self.width(block)
        if self.name == "gpt2":
            weight = block.attn.c_attn.weight.split(self.config.n_embd, 1)["qkv".index(part)]
            bias = block.attn.c_attn.bias.split(self.config.n_embd)["qkv".index(part)]
            mine = slice(head * width, head * width + width)
            return block.ln_1(x) @ weight[:, mine] + bias[mine]
        if self.parallel:
            every = block.attention.query_key_value(block.input_layernorm(x)).view(len(x), self.heads, 3, width)
            return every[:, head, "qkv".index(part)]
        every = getattr(block.self_attn, part + "_proj")(block.input_layernorm(x))
        return every.view(len(x), -1, width)[:, head]

    def width(self, block):
        return self.config.n_embd // self.heads if self.name == "gpt2" else (
            self.config.hidden_size // self.heads if self.parallel else block.self_attn.head_dim)

    def attend(self, layer, block, q, k, v):
        """Weighted values [head, position, d_head] of q [head, position, d_head], k and v."""
        pattern = self.pattern(layer, block, q, k)
        if self.probes is not None:
            self.probes[layer] = torch.zeros_like(pattern, requires_grad=True)
            pattern = pattern + self.probes[layer]
        return pattern @ torch.stack(v).repeat_interleave(self.heads // self.kv, 0)

    def pattern(self, layer, block, q, k):
        q, k = torch.stack(q), torch.stack(k)
        if self.name != "gpt2":
            cos, sin = self.body.rotary_emb(q, torch.arange(q.shape[1])[None])
            q, k = (partly if self.parallel else rotated)(q[None], k[None], cos, sin)
            q, k = q[0], k[0]
        k = k.repeat_interleave(self.heads // self.kv, 0)
        scale = self.config.query_pre_attn_scalar**-0.5 if self.name == "gemma2" else q.shape[-1] ** -0.5
        scores = q @ k.transpose(1, 2) * scale
        if self.name == "gemma2":
            scores = torch.tanh(scores / self.config.attn_logit_softcapping) * self.config.attn_logit_softcapping
        distance = torch.arange(q.shape[1])[:, None] - torch.arange(q.shape[1])
        hidden = distance < 0
        if self.name == "gemma2" and self.config.layer_types[layer] == "sliding_attention":
            hidden = hidden | (distance >= self.config.sliding_window)
        return scores.masked_fill(hidden, -torch.inf).softmax(-1)

    def results(self, block, z):
        """Each head's output [head, position, d_model] and the bias."""
        out = block.attn.c_proj if self.name == "gpt2" else block.attention.dense if self.parallel else block.self_attn.o_proj
        weight = out.weight if self.name == "gpt2" else out.weight.T
        return z @ weight.view(self.heads, z.shape[-1], -1), 0 if out.bias is None else out.bias

    def mlp(self, block, x):
        if self.name == "gemma2":
            return block.post_feedforward_layernorm(block.mlp(block.pre_feedforward_layernorm(x)))
        return block.mlp((block.ln_2 if self.name == "gpt2" else block.post_attention_layernorm)(x))

    def normed(self, block, x):
        return block.post_attention_layernorm(x) if self.name == "gemma2" else x

    def __call__(self, stream, see):
        """Logits of the last position; see(reader, stream, outputs so far) is what a reader reads."""
        out = {"embed": stream}
        kept = lambda layer, x: x.detach() if layer == self.dropped else x
        for layer, block in enumerate(self.layers):
            read = lambda part, n: [self.project(block, part, h, see(f"L{layer}.{part}{h}", stream, out)) for h in range(n)]
            results, bias = self.results(block, self.attend(layer, block, read("q", self.heads), read("k", self.kv), read("v", self.kv)))
            mid = stream + kept(layer, self.normed(block, results.sum(0) + bias))
            added = self.mlp(block, see(f"L{layer} mlp", stream, out)) if self.parallel else None
            out.update({f"L{layer}H{h}": results[h] for h in range(self.heads)}, **{f"pre{layer}": results.sum(0) + bias})
            out[f"L{layer} mlp"] = self.mlp(block, see(f"L{layer} mlp", mid, out)) if added is None else added
            stream = mid + kept(layer, out[f"L{layer} mlp"])
        last = see("logits", stream, out)
        norm = self.body.ln_f if self.name == "gpt2" else self.body.final_layer_norm if self.parallel else self.body.norm
        logits = self.model.get_output_embeddings()(norm(last))[-1]
        cap = getattr(self.config, "final_logit_softcapping", None)
        return torch.tanh(logits / cap) * cap if cap else logits, out

    def difference(self, *arguments):
        logits, _ = self(*arguments)
        return logits[ANSWER] - logits[FOIL]


def writers(out):
    return [name for name in out if not name.startswith("pre")]


def plain(reader, stream, out):
    return stream


def gradients(net, embedded):
    inputs, reached = {}, {}

    def probe(reader, stream, out):
        inputs[reader] = torch.zeros_like(stream, requires_grad=True)
        reached[reader] = writers(out)
        return stream + inputs[reader]

    found = torch.autograd.grad(net.difference(embedded, probe), list(inputs.values()), allow_unused=True)
    found = [torch.zeros_like(x) if g is None else g for x, g in zip(inputs.values(), found)]
    return dict(zip(inputs, found)), reached


def swapped(net, missing, corrupted):
    """Readers whose missing edges carry the corrupted run's outputs in place of this run's."""

    def see(reader, stream, out):
        gone = [writer for writer in writers(out) if f"{writer} -> {reader}" in missing]
        for writer in gone:
            if "H" not in writer:
                stream = stream + corrupted[writer] - out[writer]
        for layer, block in enumerate(net.layers):
            delta = [corrupted[w] - out[w] for w in gone if w.startswith(f"L{layer}H")]
            if delta:
                before = out[f"pre{layer}"]
                stream = stream + net.normed(block, before + sum(delta)) - net.normed(block, before)
        return stream

    return see


def added(net, clean, corrupted):
    """What each writer of the corrupted run adds to the stream in place of the clean one's, to first order through an output norm."""
    changes = {}
    for writer in writers(clean):
        changes[writer] = corrupted[writer] - clean[writer]
        if "H" in writer and net.name == "gemma2":
            layer = int(writer[1:writer.index("H")])
            through = lambda x: net.normed(net.layers[layer], x)
            changes[writer] = torch.func.jvp(through, (clean[f"pre{layer}"],), (changes[writer],))[1]
    return changes


def scores(net, points, changes):
    total = {}
    for point in points:
        found, reached = gradients(net, point)
        for reader, gradient in found.items():
            for writer in reached[reader]:
                name = f"{writer} -> {reader}"
                total[name] = total.get(name, 0) + (changes[writer] * gradient).sum().item() / len(points)
    return total


def dropped(net, points, changes):
    total = {}
    for net.dropped in range(len(net.layers)):
        for name, score in scores(net, points, changes).items():
            total[name] = total.get(name, 0) + abs(score)
            assert not name.split(" -> ")[1].startswith((f"L{net.dropped}.", f"L{net.dropped} ")) or score == 0
    net.dropped = None
    return {name: size / (len(net.layers) - (not name.endswith("logits"))) for name, size in total.items()}


def recomputed(net, points, clean, corrupted):
    """Scores of edges into queries and keys through the softmax; of others, those of scores."""
    total, slopes, streams = scores(net, points, added(net, clean, corrupted)), None, {}
    for point in points:
        net.probes = {}
        found = torch.autograd.grad(net.difference(point, plain), list(net.probes.values()))
        slopes = found if slopes is None else [a + b for a, b in zip(slopes, found)]
    net.probes = None

    def keep(reader, stream, out):
        streams[reader] = stream, {writer: out[writer] for writer in writers(out)}
        return stream

    with torch.no_grad():
        net(points.end, keep)
        for layer, block in enumerate(net.layers):
            stream, before = streams[f"L{layer}.q0"]
            project = lambda part, n, x: [net.project(block, part, h, x) for h in range(n)]
            q, k = project("q", net.heads, stream), project("k", net.kv, stream)
            whole, slope = net.pattern(layer, block, q, k), slopes[layer] / len(points)
            for writer in before:
                change = corrupted[writer] - clean[writer]
                if "H" in writer:
                    own = int(writer[1:writer.index("H")])
                    pre = clean[f"pre{own}"]
                    change = net.normed(net.layers[own], pre + change) - net.normed(net.layers[own], pre)
                by_query = ((net.pattern(layer, block, project("q", net.heads, stream + change), k) - whole) * slope).sum((1, 2))
                by_key = ((net.pattern(layer, block, q, project("k", net.kv, stream + change)) - whole) * slope).sum((1, 2))
                for head in range(net.heads):
                    total[f"{writer} -> L{layer}.q{head}"] = by_query[head].item()
                for head, score in enumerate(by_key.view(net.kv, -1).sum(1)):
                    total[f"{writer} -> L{layer}.k{head}"] = score.item()
    return total


class Points(list):
    """Embeddings at which gradients are taken, and the clean one."""

    def __init__(self, points, end):
        super().__init__(points)
        self.end = end


def along(net, embedded, path, source):
    """Metric if only the edges of a path carry another run's value: each run's output of the next writer feeds the next edge."""
    for edge in path[:-1]:
        source = net(embedded, swapped(net, {edge}, source))[1]
    return net.difference(embedded, swapped(net, {path[-1]}, source)).item()


def owner(writer, reader, heads, kv):
    """Whether a writer reads through a reader."""
    if reader == "logits" or writer == "embed":
        return False
    if "mlp" in writer or "mlp" in reader:
        return writer == reader
    head = int(writer.split("H")[1])
    part, number = reader.split(".")[1][0], int(reader.split(".")[1][1:])
    return writer.split("H")[0] == reader.split(".")[0] and number == (head if part == "q" else head * kv // heads)


def drawn(net, edges, draw, hops):
    """A random path of so many edges that ends at the logits."""
    while True:
        path = [draw.choice([edge for edge in edges if edge.endswith("-> logits")])]
        while len(path) < hops:
            into = [edge for edge in edges if owner(path[0].split(" -> ")[0], edge.split(" -> ")[1], net.heads, net.kv)]
            if not into:
                break
            path.insert(0, draw.choice(into))
        if len(path) == hops:
            return path


def paths(net, edges, ends, outs, seed):
    """Paths, and sets of edges patched together, in both directions."""
    draw, found = random.Random(seed), {"paths": [], "together": []}
    both = ((ends[0], outs[1]), (ends[1], outs[0]))
    for hops in (1, 2, 2, 2, 2, 3, 3, 3, 3):
        path = drawn(net, edges, draw, hops)
        noising, denoising = (along(net, embedded, path, source) for embedded, source in both)
        found["paths"].append({"edges": path, "noising": noising, "denoising": denoising})
    for count in (2, 2, 3, 3, 5):
        some = drawn(net, edges, draw, 2) + draw.sample(edges, count - 2)
        noising, denoising = (net.difference(embedded, swapped(net, set(some), source)).item() for embedded, source in both)
        found["together"].append({"edges": sorted(set(some)), "noising": noising, "denoising": denoising})
    return found


def against_transformerlens(edges, base):
    """Holds edges from heads to later heads' inputs against TransformerLens's direct path patching, on GPT-2."""
    model = TransformerBridge.boot_transformers(str(TINY / "gpt2"), dtype=torch.float32).eval()
    clean, corrupted = (torch.tensor([ids]) for ids in (CLEAN, CORRUPTED))
    caches = [model.run_with_cache(ids)[1] for ids in (corrupted, clean)]
    for head in range(model.cfg.n_heads):
        for part in "qkv":
            found = get_act_patch_direct_path(model, clean, *caches, lambda x: x[0, -1, ANSWER] - x[0, -1, FOIL], 0, head, part, False)
            for reader, value in enumerate(found[1].tolist()):
                assert abs(value - base - edges[f"L0H{head} -> L1.{part}{reader}"]) < 1e-5


def main():
    torch.set_num_threads(1)
    cases = []
    for name in ("gpt2", "llama", "gemma2", "gpt-neox"):
        net, draw = Net(name), random.Random(1)
        ends = [net.embed(ids) for ids in (CLEAN, CORRUPTED)]
        logits, clean = net(ends[0], plain)
        torch.testing.assert_close(logits, net.model(torch.tensor([CLEAN])).logits[0, -1], rtol=1e-5, atol=1e-5)
        with torch.no_grad():
            corrupted = net(ends[1], plain)[1]
        clean = {writer: output.detach() for writer, output in clean.items()}
        changes = added(net, clean, corrupted)
        estimated = scores(net, ends[:1], changes)
        path = [ends[1] + (ends[0] - ends[1]) * k / STEPS for k in range(STEPS)]
        integrated = scores(net, path, changes)
        more = {"dropped": dropped(net, ends[:1], changes), "droppedPath": dropped(net, path, changes),
                "recomputed": recomputed(net, Points(ends[:1], ends[0]), clean, corrupted),
                "recomputedPath": recomputed(net, Points(path, ends[0]), clean, corrupted)}
        with torch.no_grad():
            base = net.difference(ends[0], plain).item()
            exact = {edge: net.difference(ends[0], swapped(net, {edge}, corrupted)).item() - base for edge in estimated}
            circuits = []
            for share in (0, 0.2, 0.5, 0.8, 1):
                missing = set(draw.sample(sorted(exact), round(share * len(exact))))
                circuits.append({"missing": sorted(missing), "metric": net.difference(ends[0], swapped(net, missing, corrupted)).item()})
            empty = net.difference(ends[1], plain).item()
            both = paths(net, list(exact), ends, (clean, corrupted), 2)
        if name == "gpt2":
            against_transformerlens(exact, base)
        assert abs(circuits[-1]["metric"] - empty) < 1e-5 and abs(circuits[0]["metric"] - base) < 1e-5
        cases.append({"model": name, "clean": base, "corrupted": empty, "gradient": list(estimated.values()), "edges": list(estimated),
                      "integrated": list(integrated.values()), **{kind: [found[e] for e in estimated] for kind, found in more.items()}, "exact": list(exact.values()), "circuits": circuits, **both})
    print(json.dumps({"clean": CLEAN, "corrupted": CORRUPTED, "answer": ANSWER, "foil": FOIL, "steps": STEPS, "cases": cases}))


main()
