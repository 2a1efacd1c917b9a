"""One file per family; each tells which config fields a reader of such a model must mind."""
from tiny.families import (
    gemma, gpt2, gpt_neo, gpt_neox, gptj, llama, mistral, olmo2, opt, phi3, qwen, smollm3)

DECODERS = [llama, gpt2, gpt_neox, gptj, gpt_neo, opt, mistral, qwen, smollm3, gemma, olmo2, phi3]
MODELS = [model for family in DECODERS for model in family.MODELS]
