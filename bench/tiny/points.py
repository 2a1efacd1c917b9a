"""Hook points of one sequence; each value is checked against the reference as it is entered."""
import torch

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
    """Name to value."""

    def norm(self, name, x, module, expected=None, offset=False):
        """Enters a norm's points; gives its output."""
        layer_norm = isinstance(module, torch.nn.LayerNorm)
        eps = getattr(module, "eps", None) or module.variance_epsilon
        centred = x - x.mean(-1, keepdim=True) if layer_norm else x
        scale = (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt()
        normalized = centred / scale
        output = normalized * (module.weight + (1 if offset else 0)) + (module.bias if layer_norm else 0)
        if expected is not None:
            close(output, expected, name)
        self[f"{name}.hook_scale"] = scale
        self[f"{name}.hook_normalized"] = normalized
        return output if expected is None else expected

    def attend(self, at, q, k, v, allowed, scale, cap, pattern, z, weight, bias, expected, layer_scale=1.0):
        """Scores to result by plain maths, held against the reference's pattern, z and output.

        q, k, v: as they meet. weight: [d_model, heads * d_head]. pattern is None where the reference
        does not give it. expected: the attention's output.
        """
        count, heads, width = q.shape
        keys, values = (t.repeat_interleave(heads // k.shape[1], 1) for t in (k, v))
        scores = torch.einsum("qhd,khd->hqk", q, keys) * scale
        scores = (scores / cap).tanh() * cap if cap else scores
        found = scores.masked_fill(~allowed, -torch.inf).softmax(-1)
        if pattern is not None:
            close(found, pattern, at + "pattern")
        z = z.reshape(count, heads, -1)
        close(torch.einsum("hqk,khd->qhd", found, values), z, at + "z")
        result = torch.einsum("phd,mhd->phm", z, weight.reshape(weight.shape[0], heads, -1)) * layer_scale
        close(result.sum(1) + (0 if bias is None else bias * layer_scale), expected, at + "result")
        self[at + "hook_attn_scores"] = scores.masked_fill(~allowed, LOWEST)
        self[at + "hook_pattern"] = found if pattern is None else pattern
        self[at + "hook_z"] = z
        self[at + "hook_result"] = result

    def mlp(self, at, act, pre, linear, post):
        """Enters an MLP's points. linear: the ungated branch of a gated MLP, else None."""
        close(act(pre) * (1 if linear is None else linear), post, at + "post")
        self[at + "hook_pre"] = pre
        if linear is not None:
            self[at + "hook_pre_linear"] = linear
        self[at + "hook_post"] = post
