package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.NONE;
import static dev.kausal.engine.model.Transform.TRANSPOSE;
import static dev.kausal.engine.model.WeightRule.optional;
import static dev.kausal.engine.model.WeightRule.required;

import java.util.ArrayList;
import java.util.List;

/** GPT-2 (Radford et al. 2019): LayerNorm, learned positions, one MLP branch; Conv1D weights are [input, output]. */
final class Gpt2 {
    static final Architecture ARCHITECTURE = new Architecture(
            "gpt2", Architecture.Norm.LAYER_NORM, false, List.of(huggingFace("transformer."), huggingFace(""), gguf()));

    private Gpt2() {}

    private static Architecture.Table huggingFace(String prefix) {
        String l = prefix + "h.{l}.";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(prefix + "wte.weight", Parameter.EMBED, NONE),
                required(prefix + "wpe.weight", Parameter.POSITION_EMBED, NONE),
                required(l + "ln_1.weight", Parameter.LN1_GAIN, NONE),
                required(l + "ln_1.bias", Parameter.LN1_BIAS, NONE),
                required(l + "attn.c_attn.weight", Parameter.QKV, NONE),
                required(l + "attn.c_attn.bias", Parameter.QKV_BIAS, NONE),
                required(l + "attn.c_proj.weight", Parameter.OUTPUT, NONE),
                required(l + "attn.c_proj.bias", Parameter.OUTPUT_BIAS, NONE),
                required(l + "ln_2.weight", Parameter.LN2_GAIN, NONE),
                required(l + "ln_2.bias", Parameter.LN2_BIAS, NONE),
                required(l + "mlp.c_fc.weight", Parameter.MLP_IN, NONE),
                required(l + "mlp.c_fc.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "mlp.c_proj.weight", Parameter.MLP_OUT, NONE),
                required(l + "mlp.c_proj.bias", Parameter.MLP_OUT_BIAS, NONE),
                required(prefix + "ln_f.weight", Parameter.FINAL_GAIN, NONE),
                required(prefix + "ln_f.bias", Parameter.FINAL_BIAS, NONE),
                optional("lm_head.weight", Parameter.UNEMBED, TRANSPOSE)));
        return new Architecture.Table(
                "Hugging Face",
                List.copyOf(rules),
                List.of(prefix.replace(".", "\\.") + "h\\.\\d+\\.attn\\.(bias|masked_bias)"));
    }

    /** llama.cpp's names; its converter turns Conv1D weights to [output, input]. */
    private static Architecture.Table gguf() {
        String l = "blk.{l}.";
        return new Architecture.Table(
                "GGUF",
                List.of(
                        required("token_embd.weight", Parameter.EMBED, NONE),
                        required("position_embd.weight", Parameter.POSITION_EMBED, NONE),
                        required(l + "attn_norm.weight", Parameter.LN1_GAIN, NONE),
                        required(l + "attn_norm.bias", Parameter.LN1_BIAS, NONE),
                        required(l + "attn_qkv.weight", Parameter.QKV, TRANSPOSE),
                        required(l + "attn_qkv.bias", Parameter.QKV_BIAS, NONE),
                        required(l + "attn_output.weight", Parameter.OUTPUT, TRANSPOSE),
                        required(l + "attn_output.bias", Parameter.OUTPUT_BIAS, NONE),
                        required(l + "ffn_norm.weight", Parameter.LN2_GAIN, NONE),
                        required(l + "ffn_norm.bias", Parameter.LN2_BIAS, NONE),
                        required(l + "ffn_up.weight", Parameter.MLP_IN, TRANSPOSE),
                        required(l + "ffn_up.bias", Parameter.MLP_IN_BIAS, NONE),
                        required(l + "ffn_down.weight", Parameter.MLP_OUT, TRANSPOSE),
                        required(l + "ffn_down.bias", Parameter.MLP_OUT_BIAS, NONE),
                        required("output_norm.weight", Parameter.FINAL_GAIN, NONE),
                        required("output_norm.bias", Parameter.FINAL_BIAS, NONE),
                        optional("output.weight", Parameter.UNEMBED, TRANSPOSE)),
                List.of());
    }
}
