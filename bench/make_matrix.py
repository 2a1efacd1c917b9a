"""Runs the reference library on the tiny models with config fields left out or unusual, and files of other shapes.

    python make_matrix.py --models ../engine/src/test/resources/tiny --out ../engine/src/test/resources/matrix [--only NAME,...]

Writes OUT/NAME.json: each case's changes, and a few of the library's outputs, evenly spaced over all of them; or that
the library cannot open such a model, or fills in weights of its own.
"""
import argparse
import json
import os
import tempfile

import torch
import transformers
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from matrix import edits, fields, files

KEPT = 10
TABLE = "../engine/src/main/resources/dev/kausal/engine/config/"
AUTO = {"ForCausalLM": "AutoModelForCausalLM", "LMHeadModel": "AutoModelForCausalLM",
        "ForMaskedLM": "AutoModelForMaskedLM", "ForSequenceClassification": "AutoModelForSequenceClassification",
        "ForTokenClassification": "AutoModelForTokenClassification",
        "ForQuestionAnswering": "AutoModelForQuestionAnswering",
        "ForNextSentencePrediction": "AutoModelForNextSentencePrediction",
        "ForImageClassification": "AutoModelForImageClassification", "ForPreTraining": "AutoModelForPreTraining",
        "Model": "AutoModel"}


def loaded(folder, architecture):
    """The library's model of a folder, and what of its weights was not in the file."""
    auto = next((name for ending, name in AUTO.items() if architecture.endswith(ending)), None)
    cls = getattr(transformers, auto or architecture)
    model, info = cls.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    return model.eval(), sorted(info["missing_keys"]), info["mismatched_keys"]


def outputs(model, inputs):
    with torch.no_grad():
        result = model(**inputs)
    for name in ("logits", "prediction_logits", "start_logits", "image_embeds"):
        if name == "start_logits" and hasattr(result, name):
            return torch.stack([result.start_logits, result.end_logits], -1)[0]
        if getattr(result, name, None) is not None:
            return getattr(result, name)[0]
    return result.last_hidden_state[0]


def run(case, base, tensors, inputs):
    """What the library makes of a case."""
    config = edits.config(base, case)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(config, file)
        save_file({name: value.contiguous() for name, value in edits.tensors(tensors, case).items()},
                  os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
        try:
            model, missing, mismatched = loaded(folder, config["architectures"][0])
            biases = [name for name in missing if name.endswith("bias")]  # filled with zeros
            invented = [name for name in missing if case.get("pooler", True) or "pooler." not in name]
            if mismatched or len(invented) > len(biases):
                return {"library": "invents weights"}
            values = outputs(model, inputs).flatten()
        except Exception as error:  # the library's errors are of every kind
            return {"library": "cannot", "said": str(error).strip().split("\n")[-1].split("{")[0][:120].strip()}
    if not torch.isfinite(values).all():
        return {"library": "not finite"}
    places = torch.linspace(0, len(values) - 1, KEPT).round().long()
    return {"library": "computes", "numbers": [float(f"{value:.7g}") for value in values[places]]}


def model_inputs(folder, config):
    with open(os.path.join(folder, "dump.json")) as file:
        prompt = json.load(file)["prompts"][0]
    if "ids" not in prompt:
        with safe_open(os.path.join(folder, "dump.safetensors"), "pt") as dump:
            return {"pixel_values": dump.get_tensor("0/pixel_values")[None]}
    inputs = {"input_ids": torch.tensor([prompt["ids"]])}
    if "token_types" in prompt and config["model_type"] not in ("distilbert",):
        inputs["token_type_ids"] = torch.tensor([prompt["token_types"]])
    return inputs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", help="folders, with commas between them")
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    here = os.path.dirname(os.path.abspath(__file__))
    known = json.load(open(os.path.join(here, TABLE, "library-configs.json")))["models"]
    inert = json.load(open(os.path.join(here, TABLE, "fields-without-influence.json")))
    os.makedirs(options.out, exist_ok=True)
    seen = set()
    for name in sorted(os.listdir(options.models)):
        folder = os.path.join(options.models, name)
        if not os.path.exists(os.path.join(folder, "config.json")):
            continue
        config = json.load(open(os.path.join(folder, "config.json")))
        if config.get("model_type") not in known:
            continue
        kind = config["model_type"]
        first = kind not in seen
        seen.add(kind)
        if options.only and name not in options.only.split(","):
            continue
        tensors = load_file(os.path.join(folder, "model.safetensors"))
        without = {*inert["every family"], *inert["by model_type"].get(kind, [])}
        cases = [*fields.cases(config, known[kind]["defaults"], without, first),
                 *(files.cases(config, tensors) if "vocab_size" in config and "image_size" not in config else [])]
        inputs = model_inputs(folder, config)
        done = [{**case, **run(case, config, tensors, inputs)} for case in cases]
        lines = ",\n".join("  " + json.dumps(case) for case in done)
        with open(os.path.join(options.out, name + ".json"), "w") as file:
            file.write(f'{{"model": "{name}", "library": "transformers {transformers.__version__}", "cases": [\n{lines}\n]}}\n')
        print(name, len(done), {k: sum(c["library"] == k for c in done) for k in {c["library"] for c in done}}, flush=True)


if __name__ == "__main__":
    main()
