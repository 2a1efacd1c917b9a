package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.TRANSPOSE;
import static dev.kausal.engine.model.WeightRule.required;

import java.util.List;

/** Phi-3 (Abdin et al. 2024): Llama with fused projections, part of each head rotating, a window in every layer. */
final class Phi3 {
    static final Family FAMILY = Family.of("phi3", Phi3::json, LlamaLike.table(LlamaLike.NORMS, projections()));

    private Phi3() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig sizes = LlamaLike.sizes("phi3", f, LlamaLike.BLOCK, EndShape.PLAIN, false);
        RotaryReader rope = new RotaryReader(f);
        int dims = rope.dims(sizes.dHead(), "partial_rotary_factor");
        return sizes.with(sizes.attention()
                .withWindow(f.countOrNone("sliding_window"))
                .withRotary(rope.halves(dims, "rope_theta")));
    }

    private static List<WeightRule> projections() {
        return List.of(
                required(LlamaLike.L + "self_attn.qkv_proj.weight", Parameter.QKV, TRANSPOSE),
                required(LlamaLike.L + "self_attn.o_proj.weight", Parameter.OUTPUT, TRANSPOSE),
                required(LlamaLike.L + "mlp.gate_up_proj.weight", Parameter.GATE_AND_IN, TRANSPOSE),
                required(LlamaLike.L + "mlp.down_proj.weight", Parameter.MLP_OUT, TRANSPOSE));
    }
}
