"""Hook points of one sequence; each value is checked against the reference as it is entered."""
import torch

from tiny.run import Through, cosines

LOWEST = torch.finfo(torch.float32).min
TOLERANCE = 2e-5


def close(found, expected, what, tolerance=TOLERANCE):
    """Stops unless two tensors agree, relative to the larger of 1 and the largest value."""
    assert found.shape == expected.shape, (what, found.shape, expected.shape)
    error = float((found - expected).abs().max()) / max(1.0, float(expected.abs().max()))
    assert error < tolerance, (what, error)


def causal(count, window=None):
    """Where a query may look, [query, key]: itself and what precedes it, window positions in all."""
    distance = torch.arange(count)[:, None] - torch.arange(count)[None, :]
    return (distance >= 0) & (distance < (window or count))


class Points(dict):
    """Name to value. Where the run has gradients, pulls are tensors of plain maths with the gradient at each."""

    def __init__(self, run):
        super().__init__()
        self.run, self.pulls, self.asked = run, [], []

    def pull(self, found, gradient):
        """Notes the gradient at a tensor that the reference computed too."""
        self.pulls.append((found, gradient.reshape(found.shape)))

    def pull_as(self, found, expected):
        """Notes at found the gradient that the run has at expected."""
        if torch.is_grad_enabled():
            self.pull(found, self.run.pulled.by_leaf[id(expected)])

    def pull_outputs(self, found):
        """Notes at the outputs their gradient."""
        if torch.is_grad_enabled():
            self.pull(found, cosines(found))

    def pull_through(self, parts, x, model, at):
        """Notes the gradients at what projections make of x. parts: (run, at) -> the projections' outputs."""
        if torch.is_grad_enabled():
            through = Through(model, x)
            for found, gradient in zip(parts(through, at), parts(self.run.pulled, at)):
                if found is not None:
                    self.pull(found, gradient)
            self.asked += through.asked

    def norm(self, name, x, module, expected=None, offset=False, last=True):
        """Enters a norm's points; gives its output. last: whether nothing between it and the next module is of interest."""
        layer_norm = type(module).__name__ in ("LayerNorm", "DebertaLayerNorm")
        eps = getattr(module, "eps", None) or module.variance_epsilon
        centred = x - x.mean(-1, keepdim=True) if layer_norm else x
        scale = (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt()
        normalized = centred / scale
        output = normalized * (module.weight + (1 if offset else 0)) + (0 if getattr(module, "bias", None) is None else module.bias)
        if expected is not None:
            close(output, expected, name)
        self[f"{name}.hook_scale"] = scale
        self[f"{name}.hook_normalized"] = normalized
        if expected is None or not last:
            return output
        self.pull_as(output, expected)
        return expected

    def attend(self, at, q, k, v, allowed, scale, cap, pattern, z, weight, bias, expected, layer_scale=1.0, bias_of_scores=0):
        """Scores to result by plain maths, held against the reference's pattern, z and output.

        q, k, v: as they meet. weight: [d_model, heads * d_head]. pattern is None where the reference
        does not give it. expected: the attention's output. bias_of_scores: what is added to scores, [head, query, key].
        """
        count, heads, width = q.shape
        keys, values = (t.repeat_interleave(heads // k.shape[1], 1) for t in (k, v))
        scores = torch.einsum("qhd,khd->hqk", q, keys) * scale
        scores = (scores / cap).tanh() * cap if cap else scores
        scores = scores + bias_of_scores
        masked = scores.masked_fill(~allowed, -torch.inf)
        found = masked.softmax(-1)
        if pattern is not None:
            close(found, pattern, at + "pattern")
        mixed = torch.einsum("hqk,khd->qhd", found, values)
        self.pull_as(mixed, z)
        z = z.reshape(count, heads, -1)
        close(mixed, z, at + "z")
        result = torch.einsum("phd,mhd->phm", z, weight.reshape(weight.shape[0], heads, -1)) * layer_scale
        output = result.sum(1) + (0 if bias is None else bias * layer_scale)
        self.pull_as(output, expected)
        close(output, expected, at + "result")
        self[at + "hook_attn_scores"] = masked if torch.is_grad_enabled() else scores.masked_fill(~allowed, LOWEST)
        self[at + "hook_pattern"] = found if pattern is None or torch.is_grad_enabled() else pattern
        self[at + "hook_z"] = z
        self[at + "hook_result"] = result

    def mlp(self, at, act, pre, linear, post):
        """Enters an MLP's points. linear: the ungated branch of a gated MLP, else None."""
        found = act(pre) * (1 if linear is None else linear)
        close(found, post, at + "post")
        self.pull_as(found, post)
        self[at + "hook_pre"] = pre
        if linear is not None:
            self[at + "hook_pre_linear"] = linear
        self[at + "hook_post"] = post
