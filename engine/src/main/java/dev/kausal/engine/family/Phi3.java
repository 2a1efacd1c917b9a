package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.RotaryReader;
import java.util.List;

/** Phi-3 (Abdin et al. 2024): Llama with fused projections; part of each head rotates; a window in every layer. */
final class Phi3 {
    static final Family FAMILY = LlamaLike.family("phi3", Phi3::json, LlamaLike.NORMS, projections())
            .withGguf("phi3", Phi3::gguf, GgufLike.table(GgufLike.NORMS, ggufProjections()));

    private Phi3() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig sizes = LlamaLike.sizes("phi3", f, LlamaLike.BLOCK, EmbeddingConfig.PLAIN);
        RotaryReader rope = new RotaryReader(f);
        int dims = rope.dims(sizes.dHead(), "partial_rotary_factor");
        return sizes.with(sizes.attention()
                        .withWindow(f.countOrNone("sliding_window"))
                        .withRotary(rope.phi3(dims)))
                .withContext(rope.context(sizes.context()));
    }

    private static ModelConfig gguf(ConfigFields f) {
        ModelConfig config = GgufLike.rotating(
                f, GgufLike.sizes("phi3", f, LlamaLike.BLOCK, Activation.SILU, EmbeddingConfig.PLAIN));
        return config.with(config.attention().withWindow(f.whole("phi3.attention.sliding_window", 0)));
    }

    private static List<WeightRule> ggufProjections() {
        return List.of(
                required(GgufLike.L + "attn_qkv.weight", Parameter.QKV, TRANSPOSE),
                required(GgufLike.L + "attn_output.weight", Parameter.OUTPUT, TRANSPOSE),
                required(GgufLike.L + "ffn_up.weight", Parameter.GATE_AND_IN, TRANSPOSE),
                required(GgufLike.L + "ffn_down.weight", Parameter.MLP_OUT, TRANSPOSE));
    }

    private static List<WeightRule> projections() {
        return List.of(
                required(LlamaLike.L + "self_attn.qkv_proj.weight", Parameter.QKV, TRANSPOSE),
                required(LlamaLike.L + "self_attn.o_proj.weight", Parameter.OUTPUT, TRANSPOSE),
                required(LlamaLike.L + "mlp.gate_up_proj.weight", Parameter.GATE_AND_IN, TRANSPOSE),
                required(LlamaLike.L + "mlp.down_proj.weight", Parameter.MLP_OUT, TRANSPOSE));
    }
}
