"""Makes random LoRA adapters of tiny models with PEFT, and dumps the merged models as make_tiny_models.py does.

    python make_tiny_adapters.py --tiny DIR

Reads DIR/BASE and writes DIR/NAME/{adapter_config.json,adapter_model.safetensors,dump.json,dump.safetensors}. The unmerged
model's logits are held against the merged one's.
"""
import argparse
import os
import shutil

import torch
from peft import LoraConfig, PeftModel, get_peft_model

from tiny.decoder import dump
from tiny.families import gpt2, llama
from tiny.files import write_dump
from tiny.model import PROMPTS, TinyModel, load_decoder, rewrite
from tiny.points import close

ADAPTERS = {
    "llama-lora": ("llama", llama.LAYOUT, dict(
        r=3, lora_alpha=5, target_modules=["q_proj", "v_proj", "down_proj"], rank_pattern={"layers.1.self_attn.v_proj": 2},
        alpha_pattern={"down_proj": 9}, modules_to_save=["lm_head"])),
    "gpt2-lora": ("gpt2", gpt2.LAYOUT, dict(
        r=4, lora_alpha=2, target_modules=["c_attn", "c_proj"], use_rslora=True, fan_in_fan_out=True)),
}


def randomised(model, seed):
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in sorted(model.named_parameters()):
        if "lora_" in name or "modules_to_save" in name:
            parameter.data = torch.randn(parameter.shape, generator=generator) * 0.15
    return model


def make(tiny, name, base, layout, options, seed):
    folder, base_folder = os.path.join(tiny, name), os.path.join(tiny, base)
    shutil.rmtree(folder, ignore_errors=True)
    config = LoraConfig(task_type="CAUSAL_LM", **options)
    randomised(get_peft_model(load_decoder(base_folder, torch.float32), config), seed).save_pretrained(folder)
    os.remove(os.path.join(folder, "README.md"))
    rewrite(os.path.join(folder, "adapter_config.json"), lambda fields: fields.update(base_model_name_or_path="../" + base))
    apart = PeftModel.from_pretrained(load_decoder(base_folder, torch.float32), folder).eval()
    merged = PeftModel.from_pretrained(load_decoder(base_folder, torch.float32), folder).merge_and_unload().eval()
    with torch.no_grad():
        for prompt in PROMPTS:
            ids = torch.tensor([prompt["ids"]])
            close(merged(ids).logits, apart(ids).logits, "merged")
        runs = [(prompt, *dump(layout, merged, prompt)) for prompt in PROMPTS]
    write_dump(folder, TinyModel(name, None, None), "float32", runs)
    print(name, {file: os.path.getsize(os.path.join(folder, file)) for file in sorted(os.listdir(folder))})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tiny", required=True, help="the folder that make_tiny_models.py wrote")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for seed, (name, (base, layout, settings)) in enumerate(ADAPTERS.items()):
        make(options.tiny, name, base, layout, settings, 20240580 + seed)


if __name__ == "__main__":
    main()
