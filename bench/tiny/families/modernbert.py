"""ModernBERT: an encoder that norms before it reads, with rotary positions and windows.

Reads: hidden_size, num_hidden_layers, num_attention_heads, intermediate_size, vocab_size, max_position_embeddings,
norm_eps, hidden_activation, classifier_activation, classifier_pooling (cls or mean), local_attention (a query sees half
of it to each side), layer_types or, older, global_attn_every_n_layers (absent: 3; the first of each sees all),
rope_parameters of both kinds of layer or, older, global_rope_theta and local_rope_theta, tie_word_embeddings. norm_bias,
attention_bias, mlp_bias, classifier_bias, decoder_bias say which biases there are.
Blocks: layer 0's attention has no norm: the embeddings' is its. Wi holds the branch that is activated, then the other.
Heads: every one has head.dense, the activation and head.norm behind the last norm; a masked LM's decoder is tied to the
words. Of whole texts, rows are pooled before the head.
"""
from dataclasses import replace
from functools import partial

import torch
from torch.nn.functional import gelu

from tiny import decoder, rotary
from tiny.families.bert import load
from tiny.model import TinyModel
from tiny.points import Points, close
from tiny.run import Run
from tiny.weights import scramble

PROMPTS = [{"ids": [3, 17, 42, 5, 28, 50, 11]}, {"ids": [9, 4, 52, 31]}, {"ids": [7]}]


def near(count, window):
    """Where a query may look: half the window to each side."""
    distance = torch.arange(count)[:, None] - torch.arange(count)[None, :]
    return distance.abs() <= (count if window is None else window // 2)


def turned(config, layer):
    rope = config.rope_parameters[config.layer_types[layer]]
    return rotary.Rotary(rotary.frequencies(rope["rope_theta"], config.hidden_size // config.num_attention_heads))


LAYOUT = decoder.Layout(
    norms={"ln1": "attn_norm", "ln2": "mlp_norm"}, attention="attn", output="attn.Wo", mlp="mlp", down="mlp.Wo",
    qkv=lambda run, at: run.out(at + ".Wqkv").chunk(3, -1), branches=lambda run, at: run.out(at + ".mlp.Wi").chunk(2, -1),
    rotary=turned, allowed=near, activation=lambda config: config.hidden_activation,
    window=lambda config, layer: config.local_attention if config.layer_types[layer] == "sliding_attention" else None)


def dump(model, prompt):
    """Outputs and hook points of one prompt."""
    run = Run(model, {"input_ids": torch.tensor([prompt["ids"]])})
    points = Points(run)
    body = getattr(model, "model", model)
    points["hook_embed"] = run.out("model.embeddings.tok_embeddings")
    norm = "model.embeddings.norm"
    stream = points["hook_full_embed"] = points.norm(
        "embed.ln", points["hook_embed"], body.embeddings.norm, run.out(norm))
    for layer in range(model.config.num_hidden_layers):
        close(stream, run.into(LAYOUT.block.format(layer)), "into a block")
        layout = LAYOUT if layer else replace(LAYOUT, norms={"ln2": "mlp_norm"})
        stream = decoder._block(layout, points, run, model, layer)
    final = points.norm("ln_final", stream, body.final_norm, run.out("model.final_norm"))
    if hasattr(model, "decoder"):
        return {"logits": _each(points, run, model, final)}, points
    return {"logits": _pooled(points, run, model, final)}, points


def _each(points, run, model, final):
    pre = points["mlm_head.hook_pre"] = run.out("head.dense")
    post = points["mlm_head.hook_post"] = run.into("head.norm")
    close(gelu(pre), post, "head")
    normed = points.norm("mlm_head.ln", post, model.head.norm, run.out("head.norm"))
    bias = 0 if model.decoder.bias is None else model.decoder.bias
    close(normed @ model.decoder.weight.T + bias, run.result.logits[0], "logits")
    return run.result.logits[0]


def _pooled(points, run, model, final):
    row = final.mean(0) if model.config.classifier_pooling == "mean" else final[0]
    dense = model.head.dense
    row = gelu(row @ dense.weight.T + (0 if dense.bias is None else dense.bias))
    points["pooler.hook_pooler_out"] = row
    normed = points.norm("mlm_head.ln", row, model.head.norm)
    logits = normed @ model.classifier.weight.T + model.classifier.bias
    close(logits, run.result.logits[0], "logits")
    points.pull_outputs(logits)
    return run.result.logits[0]


def modernbert(kind, seed, **more):
    import transformers

    return scramble(getattr(transformers, kind)(transformers.ModernBertConfig(**{**dict(
        vocab_size=58, hidden_size=18, num_hidden_layers=2, num_attention_heads=3, intermediate_size=23,
        max_position_embeddings=12, local_attention=4, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        cls_token_id=1, sep_token_id=2, layer_types=["full_attention", "sliding_attention"], dtype="float32"),
        **more})), seed)


def model(folder, make, kind):
    return TinyModel(folder, make, dump, lambda: PROMPTS, "encoder", load=partial(load, kind), lens=None)


MODELS = [
    model("modernbert-masked", partial(modernbert, "ModernBertForMaskedLM", 20240561), "ModernBertForMaskedLM"),
    model("modernbert-mean", partial(
        modernbert, "ModernBertForSequenceClassification", 20240562, num_labels=3, classifier_pooling="mean",
        norm_bias=True, attention_bias=True, mlp_bias=True, classifier_bias=True,
        layer_types=["sliding_attention", "full_attention"]), "ModernBertForSequenceClassification"),
]
