package dev.kausal.engine.tensor;

/**
 * TorchScript of attention by the library's kernel, which computes softmax block by block (Dao et al. 2022), so that no
 * scores are kept.
 *
 * <p>Attention to the keys of a base run and to a variant's own is computed apart. The kernel returns the logarithm of the sum of each
 * query's exponentiated scores, which determines how much each part weighs: e^a / (e^a + e^b) = sigmoid(a - b).
 */
final class AttentionCode {
    /** Methods of the script; {@code OWN} reads own keys only, {@code BOTH} those of a base run too. */
    enum Method {
        OWN_CAUSAL,
        OWN_ALL,
        BOTH_CAUSAL,
        BOTH_ALL
    }

    static final String METHODS = """
              def per_head(self: __torch__.Ops, x: Tensor, variants: int, heads: int) -> Tensor:
                kv = torch.size(x, 1)
                d = torch.size(x, 2)
                grouped = torch.reshape(x, [variants, -1, kv, 1, d])
                repeated = torch.expand(grouped, [-1, -1, -1, torch.floordiv(heads, kv), -1])
                return torch.transpose(torch.reshape(repeated, [variants, -1, heads, d]), 1, 2)
              def attended(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tuple[Tensor, Tensor]:
                z, total = torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0., causal, scale=1.)
                return (z, total)
              def rows(self: __torch__.Ops, z: Tensor) -> Tensor:
                return torch.flatten(torch.transpose(z, 1, 2), 0, 1)
              def own(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tensor:
                variants = torch.size(q, 0)
                heads = torch.size(q, 2)
                own_k = (self).per_head(k, variants, heads, )
                own_v = (self).per_head(v, variants, heads, )
                z, total = (self).attended(torch.transpose(q, 1, 2), own_k, own_v, causal, )
                return (self).rows(z, )
              def both(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, base_k: Tensor, base_v: Tensor, causal: bool) -> Tensor:
                variants = torch.size(q, 0)
                heads = torch.size(q, 2)
                asked = torch.transpose(q, 1, 2)
                own_k = (self).per_head(k, variants, heads, )
                own_v = (self).per_head(v, variants, heads, )
                z, total = (self).attended(asked, own_k, own_v, causal, )
                lent_k = torch.expand((self).per_head(torch.permute(base_k, [2, 0, 1]), 1, heads, ), [variants, -1, -1, -1])
                lent_v = torch.expand((self).per_head(torch.transpose(base_v, 0, 1), 1, heads, ), [variants, -1, -1, -1])
                lent_z, lent_total = (self).attended(asked, lent_k, lent_v, False, )
                weight = torch.unsqueeze(torch.sigmoid(torch.sub(lent_total, total)), -1)
                return (self).rows(torch.lerp(z, lent_z, weight), )
              def own_causal(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
                return (self).own(q, k, v, True, )
              def own_all(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
                return (self).own(q, k, v, False, )
              def both_causal(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, base_k: Tensor, base_v: Tensor) -> Tensor:
                return (self).both(q, k, v, base_k, base_v, True, )
              def both_all(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, base_k: Tensor, base_v: Tensor) -> Tensor:
                return (self).both(q, k, v, base_k, base_v, False, )
            """;

    private AttentionCode() {}
}
