"""Numbers of interventions on the tiny Llama by PyTorch hooks, for InterventionNumbersTest: path patching, reference means, vectors.

    python bench/interventions.py > dsl/run/src/test/resources/interventions.json
"""

import json
import pathlib

import torch
from transformers import AutoModelForCausalLM

FOLDER = pathlib.Path(__file__).parent.parent / "engine/src/test/resources/tiny/llama"
CLEAN = [3, 17, 42, 5, 28, 11]
CORRUPTED = [3, 9, 42, 5, 30, 11]
REFERENCE = [[7, 8, 9, 10, 11, 12], [20, 21, 22, 23, 24, 25], [33, 4, 31, 4, 32, 4]]
ANSWER, FOIL = 13, 19
SENDER, RECEIVER = (0, 2), (2, 1)


class Run:
    """One forward pass: what passes each module's input or output is recorded, after its edit."""

    def __init__(self, model):
        self.model = model
        self.width = model.config.head_dim

    def __call__(self, ids, edits=None):
        edits = edits or {}
        seen, handles = {}, []
        for layer, block in enumerate(self.model.model.layers):
            handles += [
                block.register_forward_pre_hook(self._before(("resid", layer), edits, seen)),
                block.self_attn.o_proj.register_forward_hook(self._after(("attn", layer), edits, seen)),
                block.self_attn.o_proj.register_forward_pre_hook(self._before(("z", layer), edits, seen)),
                block.self_attn.q_proj.register_forward_hook(self._after(("q", layer), edits, seen)),
                block.mlp.register_forward_hook(self._after(("mlp", layer), edits, seen)),
            ]
        with torch.no_grad():
            logits = self.model(torch.tensor([ids])).logits[0, -1]
        for handle in handles:
            handle.remove()
        return (logits[ANSWER] - logits[FOIL]).item(), seen

    @staticmethod
    def _edit(name, x, edits, seen):
        x = edits[name](x.clone()) if name in edits else x
        seen[name] = x.clone()
        return x

    def _before(self, name, edits, seen):
        return lambda module, inputs: (self._edit(name, inputs[0], edits, seen), *inputs[1:])

    def _after(self, name, edits, seen):
        return lambda module, inputs, output: self._edit(name, output, edits, seen)

    def slice(self, head):
        return slice(head * self.width, (head + 1) * self.width)


def heads(run, values):
    """An edit that writes values [position, d_head] by head."""

    def edit(x):
        for head, value in values.items():
            x[0, :, run.slice(head)] = value
        return x

    return edit


def path(run):
    """The sender's output in the corrupted run reaches the receiver's queries alone, all other heads being frozen."""
    _, clean = run(CLEAN)
    _, corrupted = run(CORRUPTED)
    edits = {}
    for layer in range(3):
        of = {head: clean["z", layer][0, :, run.slice(head)] for head in range(4)}
        if layer == SENDER[0]:
            of[SENDER[1]] = corrupted["z", layer][0, :, run.slice(SENDER[1])]
        edits["z", layer] = heads(run, of)
    _, edited = run(CLEAN, edits)
    layer, head = RECEIVER
    queries = edited["q", layer][0, :, run.slice(head)]
    return run(CLEAN, {("q", layer): heads(run, {head: queries})})[0]


def main():
    run = Run(AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32).eval())
    z = [run(ids)[1]["z", 1][0, :, run.slice(3)] for ids in REFERENCE]
    mlp = [run(ids)[1]["mlp", 1][0] for ids in REFERENCE]
    vector = torch.tensor([(i - 11) / 7 for i in range(24)])

    def at_last(x):
        x[0, -1] += vector
        return x

    unit = vector / vector.norm()

    def projected(x):
        return x - (x @ unit)[..., None] * unit

    other = run(CORRUPTED)[1]["resid", 1]

    def exchanged(x):
        return x + ((other - x) @ unit)[..., None] * unit

    everywhere = {(name, layer): projected for name in ("resid", "attn", "mlp") for layer in range(3)}

    print(
        json.dumps(
            {
                "unedited": run(CLEAN)[0],
                "path": path(run),
                "meanOf": run(CLEAN, {("z", 1): heads(run, {3: torch.cat(z).mean(0)})})[0],
                "positionMeanOf": run(CLEAN, {("mlp", 1): lambda x: torch.stack(mlp).mean(0)[None]})[0],
                "added": run(CLEAN, {("mlp", 1): at_last})[0],
                "projected": run(CLEAN, {("mlp", 1): projected})[0],
                "everywhere": run(CLEAN, everywhere)[0],
                "exchanged": run(CLEAN, {("resid", 1): exchanged})[0],
                "scaled": run(CLEAN, {("resid", 2): lambda x: x - 1.5 * vector})[0],
                "replaced": run(CLEAN, {("z", 2): heads(run, {1: vector[:10]})})[0],
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
