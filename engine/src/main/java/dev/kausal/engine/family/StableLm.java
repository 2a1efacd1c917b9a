package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.RotaryReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** StableLM (Bellagente et al. 2024): Llama with LayerNorms; part of each head rotates; some models are parallel. */
final class StableLm {
    static final Family FAMILY = new Family(
            "stablelm", Map.of("stablelm", StableLm::json), Map.of("stablelm", StableLm::gguf), StableLm::tables);

    private StableLm() {}

    private static ModelConfig json(ConfigFields f) {
        f.only("qk_layernorm", "false", false);
        BlockConfig block = block(f.flag("use_parallel_residual"));
        ModelConfig sizes = LlamaLike.sizes("stablelm", f, block, EmbeddingConfig.PLAIN);
        RotaryReader rope = new RotaryReader(f);
        int dims = rope.dims(sizes.dHead(), "partial_rotary_factor");
        return LlamaLike.turning(sizes, rope, dims);
    }

    private static ModelConfig gguf(ConfigFields f) {
        BlockConfig block = block(f.flag("stablelm.use_parallel_residual", false));
        return GgufLike.rotating(f, GgufLike.sizes("stablelm", f, block, Activation.SILU, EmbeddingConfig.PLAIN));
    }

    private static BlockConfig block(boolean parallel) {
        BlockConfig.Order order = parallel ? BlockConfig.Order.PARALLEL : BlockConfig.Order.PRE;
        return new BlockConfig(order, BlockConfig.Norm.LAYER_NORM, true);
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        // In parallel blocks, attention and MLP share one norm, with separate hook points.
        boolean shared = config.block().order().parallel();
        String l = LlamaLike.L;
        String second = shared ? "input_layernorm" : "post_attention_layernorm";
        List<WeightRule> norms = norms(l + "input_layernorm", l + second, "model.norm.bias");
        String g = GgufLike.L;
        List<WeightRule> ggufNorms =
                norms(g + "attn_norm", g + (shared ? "attn_norm" : "ffn_norm"), "output_norm.bias");
        List<Architecture.Table> tables =
                new ArrayList<>(LlamaLike.tables(config, norms, LlamaLike.ATTENTION, LlamaLike.MLP));
        tables.add(GgufLike.table(ggufNorms, GgufLike.attention(Transform.TRANSPOSE), GgufLike.MLP));
        return tables;
    }

    private static List<WeightRule> norms(String first, String second, String finalBias) {
        return List.of(
                required(first + ".weight", Parameter.LN1_GAIN, NONE),
                required(first + ".bias", Parameter.LN1_BIAS, NONE),
                required(second + ".weight", Parameter.LN2_GAIN, NONE),
                required(second + ".bias", Parameter.LN2_BIAS, NONE),
                required(finalBias, Parameter.FINAL_BIAS, NONE));
    }
}
