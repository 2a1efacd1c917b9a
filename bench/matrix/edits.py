"""Applies a case to a config and to tensors. MatrixTest.java does the same."""
import copy
import re

import torch


def config(base, case):
    """base with the case's fields set and removed."""
    changed = copy.deepcopy(base)
    for path in case.get("remove", []):
        parent, name = _parent(changed, path)
        parent.pop(name, None)
    for path, value in case.get("set", {}).items():
        parent, name = _parent(changed, path)
        parent[name] = value
    return changed


def _parent(fields, path):
    *outer, name = path.split(".")
    for part in outer:
        fields = fields.setdefault(part, {})
    return fields, name


def tensors(base, case):
    """base with the case's tensors added, copied, dropped and renamed, in float16 if it says so."""
    changed = dict(base)
    for edit in case.get("tensors", []):
        kind = edit["edit"]
        if kind == "add":
            count = torch.tensor(edit["shape"]).prod().item()
            wave = torch.sin(torch.arange(count, dtype=torch.float64) * 0.37 + edit["phase"]) * 0.5
            changed[edit["name"]] = wave.float().reshape(edit["shape"])
        elif kind == "copy":
            changed[edit["to"]] = changed[edit["from"]].clone()
        elif kind == "drop":
            changed = {name: value for name, value in changed.items() if not re.fullmatch(edit["match"], name)}
        elif kind == "rename":
            changed = {edit["to"] + name[len(edit["from"]):] if name.startswith(edit["from"]) else name: value
                       for name, value in changed.items()}
        elif kind == "half":
            changed = {name: value.half() for name, value in changed.items()}
        else:
            raise ValueError(kind)
    return changed
