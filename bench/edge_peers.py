"""Edges of a Llama model by hand in PyTorch, for compare.py: what a user would write on the Hugging Face model.

`IntegratedEdges` estimates every edge (EAP-IG, Hanna et al. 2024) with one batch of all pairs of one length, and takes each
reader's gradient from those of its queries, keys and values, which needs no copy of the stream for each reader.
`HookedEdges` runs one hooked pass for each edge. Both number edges as Kausal's EdgeGraph does: by reader (queries, keys,
values, MLP of each layer, then the logits), and from the embedding on for each reader.
"""
import torch
from transformers.models.llama import modeling_llama as llama

from peer_grids import Peer, hooked


def inverse_rotation(gradient, cos, sin):
    """The gradient before rotary embedding [batch, head, pos, d_head] of one behind it."""
    turned = gradient * sin
    half = turned.shape[-1] // 2
    return gradient * cos + torch.cat((turned[..., half:], -turned[..., :half]), -1)


class Writers:
    """Outputs of the embedding, all heads and all MLPs of a batch: [writer][batch, pos, d_model]."""

    def __init__(self, peer, ids):
        kept = {}

        def keep(name):
            def hook(_, args, out=None):
                kept[name] = args[0] if out is None else out
            return hook

        base = peer.model.model
        handles = [base.embed_tokens.register_forward_hook(keep("embed"))]
        for layer, block in enumerate(peer.layers):
            handles.append(block.self_attn.o_proj.register_forward_pre_hook(keep(("z", layer))))
            handles.append(block.mlp.register_forward_hook(keep(("mlp", layer))))
        with hooked(handles):
            base(ids, use_cache=False)
        self.outputs = [kept["embed"]]
        for layer, block in enumerate(peer.layers):
            z = kept["z", layer].unflatten(-1, (peer.heads, peer.head_dim))
            weight = block.self_attn.o_proj.weight.unflatten(-1, (peer.heads, peer.head_dim))
            self.outputs += torch.einsum("bphd,mhd->hbpm", z, weight).unbind(0)
            self.outputs.append(kept["mlp", layer])


class IntegratedEdges(Peer):
    """Gradients of all readers at points between the two embeddings."""

    def scores(self, clean, corrupted, steps):
        """[edge]: sum over the batch, keys and values for each query head."""
        with torch.no_grad():
            ends = [Writers(self, ids).outputs for ids in (clean, corrupted)]
            change = torch.stack([b - a for a, b in zip(*ends)])
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        total = None
        for step in range(steps):
            point = ends[1][0] + (ends[0][0] - ends[1][0]) * step / steps
            gradients = self.gradients(point)
            total = gradients if total is None else [a + b for a, b in zip(total, gradients)]
        found = []
        for reader, gradient in zip(self.readers(), total):
            found.append(torch.einsum("wbpm,rbpm->rw", change[:reader], gradient / steps).flatten())
        return torch.cat(found)

    def readers(self):
        """How many writers reach each group of readers, in their order."""
        for layer in range(len(self.layers)):
            before = 1 + layer * (self.heads + 1)
            yield from (before, before, before, before + self.heads)
        yield 1 + len(self.layers) * (self.heads + 1)

    def gradients(self, point):
        """[group][reader, batch, pos, d_model] at one embedding."""
        kept = {}

        def keep(name):
            def hook(_, args, out=None):
                kept[name] = args[0] if out is None else out
            return hook

        def repeated(states, times, original=llama.repeat_kv):
            out = original(states, times)
            kept.setdefault("repeated", []).append(out)
            return out

        handles = [self.model.model.norm.register_forward_pre_hook(keep("logits"))]
        rotations = self.model.model.rotary_emb.register_forward_hook(keep("rotation"))
        for layer, block in enumerate(self.layers):
            handles.append(block.input_layernorm.register_forward_pre_hook(keep(("stream", layer))))
            handles.append(block.self_attn.q_proj.register_forward_hook(keep(("q", layer))))
            handles.append(block.post_attention_layernorm.register_forward_pre_hook(keep(("mlp", layer))))
            # The MLP's own input, apart from the stream that goes on beside it.
            handles.append(block.post_attention_layernorm.register_forward_hook(keep(("normed", layer))))
        own, llama.repeat_kv = llama.repeat_kv, repeated
        try:
            with hooked(handles + [rotations]), torch.enable_grad():
                point = point.clone().requires_grad_()
                logits = self.model(inputs_embeds=point, use_cache=False, logits_to_keep=1).logits[:, -1]
                rows = torch.arange(len(logits))
                difference = (logits[rows, self.right] - logits[rows, self.wrong]).sum()
                wanted = [kept["logits"], *kept["repeated"]]
                wanted += [kept[name, layer] for layer in range(len(self.layers)) for name in ("q", "normed")]
                taken = dict(zip(map(id, wanted), torch.autograd.grad(difference, wanted)))
        finally:
            llama.repeat_kv = own
        with torch.no_grad():
            groups = []
            for layer, block in enumerate(self.layers):
                groups += self.attention(block, layer, kept, taken)
                through = taken[id(kept["normed", layer])]
                groups.append(self.through_norm(block.post_attention_layernorm, kept["mlp", layer], through[None]))
            groups.append(taken[id(kept["logits"])][None])
        return groups

    def attention(self, block, layer, kept, taken):
        """Gradients at the inputs of queries, keys and values: 3 x [head, batch, pos, d_model]."""
        cos, sin = (part[:, None] for part in kept["rotation"])
        queries = taken[id(kept["q", layer])].unflatten(-1, (self.heads, self.head_dim)).transpose(1, 2)
        keys = inverse_rotation(taken[id(kept["repeated"][2 * layer])], cos, sin)
        values = taken[id(kept["repeated"][2 * layer + 1])]
        attention = block.self_attn
        for gradient, project in ((queries, attention.q_proj), (keys, attention.k_proj), (values, attention.v_proj)):
            weight = project.weight.unflatten(0, (-1, self.head_dim))
            weight = weight.repeat_interleave(self.heads // len(weight), 0)
            normed = torch.einsum("bhpd,hdm->hbpm", gradient, weight)
            yield self.through_norm(block.input_layernorm, kept["stream", layer], normed)

    @staticmethod
    def through_norm(norm, stream, gradient):
        """The gradient before an RMS norm of one behind it."""
        scale = (stream.pow(2).mean(-1, keepdim=True) + norm.variance_epsilon).rsqrt()
        weighted = gradient * norm.weight
        along = (weighted * stream).mean(-1, keepdim=True)
        return scale * weighted - stream * scale**3 * along


class HookedEdges(Peer):
    """One pass for each edge, whose hook adds the writer's difference to one reader's input."""

    def metrics(self, clean, corrupted, every):
        with torch.no_grad():
            ends = [Writers(self, ids).outputs for ids in (clean, corrupted)]
            change = [b - a for a, b in zip(*ends)]
            for number, (site, layer, head, writer) in enumerate(self.edges()):
                if number % every == 0:
                    with hooked(self.patch(site, layer, head, change[writer])):
                        yield self.difference(self.logits(clean))[0].item()

    def edges(self):
        groups = self.model.config.num_key_value_heads
        for layer in range(len(self.layers)):
            before = 1 + layer * (self.heads + 1)
            for site, count in (("q_proj", self.heads), ("k_proj", groups), ("v_proj", groups)):
                yield from ((site, layer, head, writer) for head in range(count) for writer in range(before))
            yield from (("mlp", layer, 0, writer) for writer in range(before + self.heads))
        yield from (("logits", 0, 0, writer) for writer in range(1 + len(self.layers) * (self.heads + 1)))

    def patch(self, site, layer, head, change):
        if site == "logits":
            return [self.model.model.norm.register_forward_pre_hook(lambda _, args: (args[0] + change,))]
        block = self.layers[layer]
        if site == "mlp":
            return [block.post_attention_layernorm.register_forward_hook(
                lambda norm, args, out: norm.forward(args[0] + change))]
        seen = {}

        def stream(_, args):
            seen["stream"] = args[0]

        def project(projection, args, out):
            part = slice(head * self.head_dim, (head + 1) * self.head_dim)
            changed = block.input_layernorm.forward(seen["stream"] + change)
            out = out.clone()
            out[..., part] = changed @ projection.weight[part].T
            return out

        return [block.input_layernorm.register_forward_pre_hook(stream),
                getattr(block.self_attn, site).register_forward_hook(project)]
