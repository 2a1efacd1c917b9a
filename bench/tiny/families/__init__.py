"""One file per family; each tells which config fields a reader of such a model must mind."""
from tiny.families import (
    beit, bert, deberta, deit, dinov2, dinov3, distilbert, electra, gemma, gpt2, gpt_neo, gpt_neox, gptj, granite, llama, mistral, modernbert, olmo2, olmo3, opt, phi, phi3, qwen,
    roberta, smollm3, stablelm, timm_vit, towers, vit)

DECODERS = [llama, gpt2, gpt_neox, gptj, gpt_neo, opt, mistral, qwen, smollm3, gemma, olmo2, olmo3, phi, phi3, stablelm,
            granite]
ENCODERS = [bert, roberta, distilbert, electra, modernbert, deberta]
VISION = [vit, deit, dinov2, dinov3, beit, towers, timm_vit]
MODELS = [model for family in DECODERS + ENCODERS + VISION for model in family.MODELS]
