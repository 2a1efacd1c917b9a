package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.NONE;
import static dev.kausal.engine.model.Transform.TRANSPOSE;
import static dev.kausal.engine.model.Transform.UNPERMUTE_TRANSPOSE;
import static dev.kausal.engine.model.WeightRule.optional;
import static dev.kausal.engine.model.WeightRule.required;

import java.util.List;

/** Llama (Touvron et al. 2023): RMSNorm, rotary positions, grouped-query attention, gated MLP. SmolLM2 is one. */
final class Llama {
    static final Architecture ARCHITECTURE =
            new Architecture("llama", Architecture.Norm.RMS_NORM, true, List.of(huggingFace(), gguf()));

    private Llama() {}

    private static Architecture.Table huggingFace() {
        String l = "model.layers.{l}.";
        return new Architecture.Table(
                "Hugging Face",
                List.of(
                        required("model.embed_tokens.weight", Parameter.EMBED, NONE),
                        required(l + "input_layernorm.weight", Parameter.LN1_GAIN, NONE),
                        required(l + "self_attn.q_proj.weight", Parameter.QUERY, TRANSPOSE),
                        optional(l + "self_attn.q_proj.bias", Parameter.QUERY_BIAS, NONE),
                        required(l + "self_attn.k_proj.weight", Parameter.KEY, TRANSPOSE),
                        optional(l + "self_attn.k_proj.bias", Parameter.KEY_BIAS, NONE),
                        required(l + "self_attn.v_proj.weight", Parameter.VALUE, TRANSPOSE),
                        optional(l + "self_attn.v_proj.bias", Parameter.VALUE_BIAS, NONE),
                        required(l + "self_attn.o_proj.weight", Parameter.OUTPUT, TRANSPOSE),
                        optional(l + "self_attn.o_proj.bias", Parameter.OUTPUT_BIAS, NONE),
                        required(l + "post_attention_layernorm.weight", Parameter.LN2_GAIN, NONE),
                        required(l + "mlp.gate_proj.weight", Parameter.GATE, TRANSPOSE),
                        optional(l + "mlp.gate_proj.bias", Parameter.GATE_BIAS, NONE),
                        required(l + "mlp.up_proj.weight", Parameter.MLP_IN, TRANSPOSE),
                        optional(l + "mlp.up_proj.bias", Parameter.MLP_IN_BIAS, NONE),
                        required(l + "mlp.down_proj.weight", Parameter.MLP_OUT, TRANSPOSE),
                        optional(l + "mlp.down_proj.bias", Parameter.MLP_OUT_BIAS, NONE),
                        required("model.norm.weight", Parameter.FINAL_GAIN, NONE),
                        optional("lm_head.weight", Parameter.UNEMBED, TRANSPOSE)),
                List.of("model\\.layers\\.\\d+\\.self_attn\\.rotary_emb\\.inv_freq"));
    }

    private static Architecture.Table gguf() {
        String l = "blk.{l}.";
        return new Architecture.Table(
                "GGUF",
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
