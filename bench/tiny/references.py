"""How to load and dump any model of a family, not only the tiny ones; see dump_reference.py."""
import json
import os
from dataclasses import dataclass, replace
from functools import partial
from typing import Callable

from safetensors import safe_open

from tiny import decoder, encoder, vision
from tiny.families import (
    beit, bert, deberta, deit, dinov2, dinov3, distilbert, electra, gemma, gpt2, gpt_neo, gpt_neox, gptj, granite, llama, mistral, modernbert, olmo2, olmo3, opt, phi, phi3,
    qwen, roberta, smollm3, stablelm, timm_vit, towers, vit)
from tiny.model import load_decoder

# config.model_type to the table of the family's modules, or to a function of the config that gives it.
DECODERS = {
    "llama": llama.LAYOUT, "gpt2": gpt2.LAYOUT, "gptj": gptj.LAYOUT, "gpt_neo": gpt_neo.LAYOUT, "opt": opt.LAYOUT,
    "gpt_neox": lambda config: gpt_neox.layout(config.use_parallel_residual), "mistral": mistral.LAYOUT,
    "qwen2": qwen.LAYOUT, "qwen3": qwen.LAYOUT, "smollm3": smollm3.LAYOUT, "gemma": gemma.FIRST, "gemma2": gemma.LAYOUT,
    "gemma3_text": gemma.LAYOUT, "olmo2": olmo2.LAYOUT, "olmo3": olmo3.LAYOUT, "phi": phi.LAYOUT, "phi3": phi3.LAYOUT, "granite": granite.LAYOUT,
    "ministral": mistral.LAYOUT, "stablelm": stablelm.layout_of}

# The class of a checkpoint to its table.
ENCODERS = {
    "BertForMaskedLM": bert.MASKED, "BertForPreTraining": bert.MASKED, "BertForSequenceClassification": bert.CLASSES,
    "BertForTokenClassification": bert.TOKENS, "BertForQuestionAnswering": bert.QUESTIONS,
    "BertForNextSentencePrediction": bert.NEXT_SENTENCE, "BertModel": bert.BARE, "RobertaModel": roberta.BARE,
    "RobertaForTokenClassification": roberta.TOKENS, "RobertaForQuestionAnswering": roberta.QUESTIONS,
    "ElectraForPreTraining": partial(electra.fitted, electra.DISCRIMINATOR),
    "ElectraForMaskedLM": partial(electra.fitted, electra.GENERATOR),
    "ElectraModel": partial(electra.fitted, electra.BARE), "DistilBertModel": distilbert.BARE, "DistilBertForTokenClassification": distilbert.TOKENS,
    "DistilBertForQuestionAnswering": distilbert.QUESTIONS, "RobertaForMaskedLM": roberta.LAYOUT, "RobertaForSequenceClassification": roberta.CLASSES,
    "DistilBertForMaskedLM": distilbert.MASKED, "DistilBertForSequenceClassification": distilbert.CLASSES,
    **{kind: partial(deberta.layout, kind) for kind in deberta.KINDS}}
IMAGES = {
    "ViTForImageClassification": vit.LAYOUT, "ViTModel": vit.bare_layout,
    "DeiTModel": lambda config: vit.bare_layout(config, ("cls_token", "distillation_token")), "DeiTForImageClassificationWithTeacher": deit.LAYOUT,
    "Dinov2ForImageClassification": dinov2.layout_of, "Dinov2Model": dinov2.layout_of,
    "Dinov2WithRegistersForImageClassification": dinov2.layout_of, "Dinov2WithRegistersModel": dinov2.layout_of, "DINOv3ViTModel": dinov3.layout_of,
    "BeitForImageClassification": beit.layout_of, "BeitModel": beit.layout_of, "CLIPVisionModel": towers.layout_of,
    "CLIPVisionModelWithProjection": towers.layout_of, "SiglipVisionModel": towers.layout_of}


@dataclass
class Reader:
    """model: as the reference loads it. dump: prompt -> (outputs, points). prepare: what a prompt needs besides."""
    kind: str
    library: str
    model: object
    dump: Callable
    prefix: tuple = ()
    patch: int = 0


def layout_for(table, key, model):
    if key not in table:
        raise SystemExit(f"no reference for '{key}'; there is one for {', '.join(sorted(table))}")
    found = table[key]
    return found(model.config) if callable(found) else found


def open_folder(folder, dtype):
    """The reader of a model folder."""
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    if "model_type" not in config and "architecture" in config:
        return timm(folder)
    name = (config.get("architectures") or [""])[0]
    if name in ENCODERS:
        loaded = "BertForMaskedLM" if name == "BertForPreTraining" else name
        model = bert.load(loaded, folder, dtype).eval()
        layout = layout_for(ENCODERS, name, model)
        if name.endswith("Model") and not has_pooler(folder):
            layout = replace(layout, pooler=None)
        return Reader("encoder", "transformers", model, partial(_encoded, layout, model))
    if name in ("ModernBertForMaskedLM", "ModernBertForSequenceClassification"):
        model = bert.load(name, folder, dtype).eval()
        return Reader("encoder", "transformers", model, partial(modernbert.dump, model))
    if name in IMAGES:
        return image_reader(name, folder, dtype)
    return decoder_reader(load_decoder(folder, dtype).eval())


def has_pooler(folder):
    """Whether the file holds a pooler; where it does not, the library draws one at random."""
    path = os.path.join(folder, "model.safetensors")
    if not os.path.exists(path):
        return True
    with safe_open(path, "pt") as file:
        return any("pooler." in name for name in file.keys())


def decoder_reader(model):
    layout = layout_for(DECODERS, model.config.model_type, model)
    return Reader("decoder", "transformers", model, partial(decoder.dump, layout, model))


def _encoded(layout, model, prompt):
    return encoder.dump(layout, [prompt], model, prompt)


def image_reader(name, folder, dtype):
    import transformers

    model = getattr(transformers, name).from_pretrained(folder, dtype=dtype, attn_implementation="eager").eval()
    layout = replace(layout_for(IMAGES, name, model), activation=model.config.hidden_act)
    if getattr(model.config, "use_swiglu_ffn", False):
        layout = replace(layout, activation="silu")
    registers = getattr(model.config, "num_register_tokens", 0)
    prefix = [*([] if name.startswith("Siglip") else ["[CLS]"]), *(["[DIST]"] if name.startswith("DeiT") else []), *["[REG]"] * registers]
    return Reader("vision", "transformers", model, partial(vision.dump, layout, model), tuple(prefix),
                  model.config.patch_size)


def timm(folder):
    model = timm_vit.load(folder, None)
    names = [(getattr(model, "cls_token", None), "[CLS]"), (getattr(model, "dist_token", None), "[DIST]")]
    prefix = [name for token, name in names if token is not None] + ["[REG]"] * getattr(model, "num_reg_tokens", 0)
    return Reader("vision", "timm", model,
                  partial(vision.dump, timm_vit.layout_of(model), model, sized=timm_vit.sized), tuple(prefix),
                  model.patch_embed.patch_size[0])
