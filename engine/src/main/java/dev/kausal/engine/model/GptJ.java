package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.NONE;
import static dev.kausal.engine.model.Transform.TRANSPOSE;
import static dev.kausal.engine.model.WeightRule.optional;
import static dev.kausal.engine.model.WeightRule.required;

import java.util.List;

/** GPT-J (Wang and Komatsuzaki 2021): attention and MLP in parallel behind one norm, neighbours rotating. */
final class GptJ {
    private static final BlockShape BLOCK =
            new BlockShape(BlockShape.Order.PARALLEL, BlockShape.Norm.LAYER_NORM, false);

    static final Family FAMILY = Family.of("gptj", GptJ::json, huggingFace());

    private GptJ() {}

    private static ModelConfig json(ConfigFields f) {
        int heads = f.count("n_head");
        int dModel = f.count("n_embd");
        int dHead = f.headWidth(dModel, heads);
        int layers = f.count("n_layer");
        return new ModelConfig(
                "gptj",
                layers,
                heads,
                heads,
                dModel,
                dHead,
                f.count("n_inner", 4 * dModel),
                f.count("vocab_size"),
                f.count("n_positions", 2048),
                f.positive("layer_norm_epsilon", 1e-5),
                f.activation("activation_function", "gelu_new"),
                f.flag("tie_word_embeddings", false),
                BLOCK,
                AttentionShape.causal(layers, dHead)
                        .withRotary(RotaryShape.neighbours(10_000, f.count("rotary_dim", dHead))),
                EndShape.PLAIN);
    }

    private static Architecture.Table huggingFace() {
        String l = "transformer.h.{l}.";
        return new Architecture.Table(
                Architecture.Table.HUGGING_FACE,
                List.of(
                        required("transformer.wte.weight", Parameter.EMBED, NONE),
                        // Attention and MLP share one norm; each has its own hook points on it.
                        required(l + "ln_1.weight", Parameter.LN1_GAIN, NONE),
                        required(l + "ln_1.bias", Parameter.LN1_BIAS, NONE),
                        required(l + "ln_1.weight", Parameter.LN2_GAIN, NONE),
                        required(l + "ln_1.bias", Parameter.LN2_BIAS, NONE),
                        required(l + "attn.q_proj.weight", Parameter.QUERY, TRANSPOSE),
                        required(l + "attn.k_proj.weight", Parameter.KEY, TRANSPOSE),
                        required(l + "attn.v_proj.weight", Parameter.VALUE, TRANSPOSE),
                        required(l + "attn.out_proj.weight", Parameter.OUTPUT, TRANSPOSE),
                        required(l + "mlp.fc_in.weight", Parameter.MLP_IN, TRANSPOSE),
                        required(l + "mlp.fc_in.bias", Parameter.MLP_IN_BIAS, NONE),
                        required(l + "mlp.fc_out.weight", Parameter.MLP_OUT, TRANSPOSE),
                        required(l + "mlp.fc_out.bias", Parameter.MLP_OUT_BIAS, NONE),
                        required("transformer.ln_f.weight", Parameter.FINAL_GAIN, NONE),
                        required("transformer.ln_f.bias", Parameter.FINAL_BIAS, NONE),
                        optional("lm_head.weight", Parameter.UNEMBED, TRANSPOSE),
                        optional("lm_head.bias", Parameter.UNEMBED_BIAS, NONE)),
                List.of("transformer\\.h\\.\\d+\\.attn\\.(bias|masked_bias)"));
    }
}
