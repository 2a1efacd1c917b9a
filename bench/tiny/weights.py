"""Random weights, from a seed."""
import torch

EMBEDDINGS = ("embed_tokens", "embed_in", "wte", "wpe", "embed_positions", "word_embeddings", "tok_embeddings",
              "position_embeddings", "token_type_embeddings", "pos_embed", "cls_token", "reg_token",
              "dist_token", "register_tokens", "distillation_token", "mask_token")


def scramble(model, seed, offset_norms=False):
    """Random weights large enough for attention to be far from uniform.

    offset_norms: norms multiply by 1 + weight.
    """
    generator = torch.Generator().manual_seed(seed)
    seen = set()
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            if weight.data_ptr() in seen:
                continue
            seen.add(weight.data_ptr())
            noise = torch.randn(weight.shape, generator=generator)
            if any(part in name for part in EMBEDDINGS):
                weight.copy_(noise * 0.8)
            elif weight.dim() >= 2:
                conv1d = "GPT2" in type(model).__name__ and "c_" in name
                fan_in = weight.shape[0] if conv1d else weight[0].numel()
                weight.copy_(noise * (1.3 / fan_in ** 0.5))
            elif name.endswith("bias"):
                weight.copy_(noise * 0.3)
            else:
                weight.copy_((0 if offset_norms else 1) + noise * 0.3)
    return model.eval()
