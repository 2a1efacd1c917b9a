package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.NONE;
import static dev.kausal.engine.model.Transform.TRANSPOSE;
import static dev.kausal.engine.model.Transform.UNPERMUTE_TRANSPOSE;
import static dev.kausal.engine.model.WeightRule.optional;
import static dev.kausal.engine.model.WeightRule.required;

import java.util.List;

/** Llama (Touvron et al. 2023): RMSNorm, rotary positions, grouped-query attention, gated MLP. SmolLM2 is one. */
final class Llama {
    static final Family FAMILY = Family.of(
                    "llama",
                    Llama::json,
                    LlamaLike.table(LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.MLP),
                    ggufTable())
            .withGguf("llama", Llama::gguf);

    private Llama() {}

    private static ModelConfig json(ConfigFields f) {
        f.only("pretraining_tp", "1", 1);
        return LlamaLike.rotating("llama", f, "linear", "llama3");
    }

    private static ModelConfig gguf(ConfigFields f) {
        if (f.has("llama.rope.scaling.type")) {
            f.only("llama.rope.scaling.type", "none", "none");
        }
        if (f.has("llama.expert_count")) {
            f.only("llama.expert_count", "0 (no experts)", 0);
        }
        int heads = f.count("llama.attention.head_count");
        int dModel = f.count("llama.embedding_length");
        int layers = f.count("llama.block_count");
        int dHead = f.count("llama.attention.key_length", Math.max(1, dModel / heads));
        f.only("llama.rope.dimension_count", "the head's width, " + dHead, dHead);
        f.only("llama.attention.value_length", "the key's width, " + dHead, dHead);
        return new ModelConfig(
                "llama",
                layers,
                heads,
                f.count("llama.attention.head_count_kv", heads),
                dModel,
                dHead,
                f.count("llama.feed_forward_length"),
                f.tokens("llama"),
                f.count("llama.context_length"),
                f.positive("llama.attention.layer_norm_rms_epsilon", 1e-5),
                Activation.SILU,
                true,
                LlamaLike.BLOCK,
                AttentionShape.causal(layers, dHead)
                        .withRotary(RotaryShape.halves(f.positive("llama.rope.freq_base", 10_000), dHead)),
                EndShape.PLAIN);
    }

    private static Architecture.Table ggufTable() {
        String l = "blk.{l}.";
        return new Architecture.Table(
                Architecture.Table.GGUF,
                List.of(
                        required("token_embd.weight", Parameter.EMBED, NONE),
                        required(l + "attn_norm.weight", Parameter.LN1_GAIN, NONE),
                        required(l + "attn_q.weight", Parameter.QUERY, UNPERMUTE_TRANSPOSE),
                        required(l + "attn_k.weight", Parameter.KEY, UNPERMUTE_TRANSPOSE),
                        required(l + "attn_v.weight", Parameter.VALUE, TRANSPOSE),
                        required(l + "attn_output.weight", Parameter.OUTPUT, TRANSPOSE),
                        required(l + "ffn_norm.weight", Parameter.LN2_GAIN, NONE),
                        required(l + "ffn_gate.weight", Parameter.GATE, TRANSPOSE),
                        required(l + "ffn_up.weight", Parameter.MLP_IN, TRANSPOSE),
                        required(l + "ffn_down.weight", Parameter.MLP_OUT, TRANSPOSE),
                        required("output_norm.weight", Parameter.FINAL_GAIN, NONE),
                        optional("output.weight", Parameter.UNEMBED, TRANSPOSE)),
                List.of());
    }
}
