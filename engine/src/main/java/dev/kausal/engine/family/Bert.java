package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** BERT (Devlin et al. 2018), including MiniLM: post-norm blocks, attention over all positions. */
final class Bert {
    static final BlockConfig BLOCK = new BlockConfig(BlockConfig.Order.SUM, BlockConfig.Norm.LAYER_NORM, false);

    static final Family FAMILY =
            new Family("bert", Map.of("bert", Bert::json), Map.of("bert", Bert::gguf), Bert::tables);

    private Bert() {}

    private static ModelConfig json(ConfigFields f) {
        OutputHeadConfig masked = EncoderHead.masked(f, f.activation("hidden_act"));
        OutputHeadConfig head = EncoderHead.read(
                f,
                "Bert",
                masked,
                Map.of(
                        "ForPreTraining",
                        masked,
                        "ForSequenceClassification",
                        OutputHeadConfig.firstRowClasses(Activation.TANH, f.classes()),
                        "ForNextSentencePrediction",
                        OutputHeadConfig.firstRowClasses(Activation.TANH, 2),
                        "Model",
                        EncoderHead.pooled()));
        return sizes("bert", f, 0, head);
    }

    /**
     * Reads llama.cpp's metadata. It holds the body only, without pooler and head, and names no activation; BERT's is
     * GELU.
     */
    private static ModelConfig gguf(ConfigFields f) {
        f.only("bert.attention.causal", "false", false);
        OutputHeadConfig none = OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.NONE, Optional.empty());
        EmbeddingConfig embedding = EmbeddingConfig.normed(0, f.count("tokenizer.ggml.token_type_count", 2));
        ModelConfig sizes = GgufLike.sizes("bert", f, BLOCK, Activation.GELU, embedding);
        return sizes.with(none).with(AttentionConfig.full(sizes.layers(), sizes.dHead()));
    }

    /** Reads the sizes of a BERT-style config; position 0 reads row {@code offset} of the table. */
    static ModelConfig sizes(String family, ConfigFields f, int offset, OutputHeadConfig head) {
        f.only("position_embedding_type", "absolute", "absolute");
        f.only("is_decoder", "false", false);
        f.only("add_cross_attention", "false", false);
        int heads = f.count("num_attention_heads");
        int dModel = f.count("hidden_size");
        if (!f.known("embedding_size")) {
            f.only("embedding_size", "hidden_size, " + dModel, dModel);
        }
        int dHead = f.headWidth(dModel, heads);
        int layers = f.layers("num_hidden_layers");
        return new ModelConfig(
                family,
                layers,
                heads,
                heads,
                dModel,
                dHead,
                f.count("intermediate_size"),
                f.count("vocab_size"),
                f.count("max_position_embeddings") - offset,
                f.positive("layer_norm_eps"),
                f.activation("hidden_act"),
                f.ties(head),
                BLOCK,
                AttentionConfig.full(layers, dHead),
                EmbeddingConfig.normed(offset, f.count("type_vocab_size")),
                head);
    }

    /**
     * Returns tables with and without the prefix of a model with a head; older files call a norm's weights gamma and
     * beta.
     */
    private static List<Architecture.Table> tables(ModelConfig config) {
        List<Architecture.Table> tables = new ArrayList<>();
        for (String prefix : List.of("bert.", "")) {
            for (String[] norm : new String[][] {{"weight", "bias"}, {"gamma", "beta"}}) {
                for (List<WeightRule> head : heads(config.head(), prefix, norm[0], norm[1])) {
                    tables.add(new Architecture.Table(
                            Architecture.Table.HUGGING_FACE,
                            EncoderHead.concat(body(prefix, norm[0], norm[1]), head),
                            ignored(config.head(), prefix)));
                }
            }
        }
        if (config.head().task() == OutputHeadConfig.Task.HIDDEN_STATES) {
            tables.add(new Architecture.Table(Architecture.Table.GGUF, ggufBody(), List.of()));
        }
        return tables;
    }

    private static List<WeightRule> ggufBody() {
        String l = GgufLike.L;
        List<WeightRule> rules = new ArrayList<>(List.of(
                required("token_embd.weight", Parameter.EMBED, NONE),
                required("position_embd.weight", Parameter.POSITION_EMBED, NONE),
                required("token_types.weight", Parameter.TOKEN_TYPE_EMBED, NONE),
                required("token_embd_norm.weight", Parameter.EMBED_NORM_GAIN, NONE),
                required("token_embd_norm.bias", Parameter.EMBED_NORM_BIAS, NONE),
                required(l + "attn_output.bias", Parameter.OUTPUT_BIAS, NONE),
                required(l + "attn_output_norm.weight", Parameter.LN1_GAIN, NONE),
                required(l + "attn_output_norm.bias", Parameter.LN1_BIAS, NONE),
                required(l + "ffn_up.weight", Parameter.MLP_IN, TRANSPOSE),
                required(l + "ffn_up.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "ffn_down.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(l + "ffn_down.bias", Parameter.MLP_OUT_BIAS, NONE),
                required(l + "layer_output_norm.weight", Parameter.LN2_GAIN, NONE),
                required(l + "layer_output_norm.bias", Parameter.LN2_BIAS, NONE)));
        rules.addAll(GgufLike.attention(TRANSPOSE));
        return rules;
    }

    /** Returns the head's tensors; alternatives if classes with one kind of output name them differently. */
    private static List<List<WeightRule>> heads(OutputHeadConfig head, String prefix, String gain, String bias) {
        List<WeightRule> pooler = EncoderHead.pooler(prefix + "pooler.dense");
        return switch (head.task()) {
            case MASKED_TOKEN -> List.of(maskedToken(head, gain, bias));
            case CLASSES ->
                List.of(
                        EncoderHead.concat(pooler, EncoderHead.classifier("classifier")),
                        EncoderHead.concat(pooler, EncoderHead.classifier("cls.seq_relationship")));
            case TOKEN_CLASSES -> EncoderHead.perToken();
            default -> List.of(head.pooler().isPresent() ? pooler : List.of());
        };
    }

    private static List<WeightRule> maskedToken(OutputHeadConfig head, String gain, String bias) {
        String p = "cls.predictions.";
        List<WeightRule> rules =
                new ArrayList<>(WeightRule.dense(p + "transform.dense", Parameter.TRANSFORM, Parameter.TRANSFORM_BIAS));
        rules.add(required(p + "transform.LayerNorm." + gain, Parameter.FINAL_GAIN, NONE));
        rules.add(required(p + "transform.LayerNorm." + bias, Parameter.FINAL_BIAS, NONE));
        rules.add(optional(p + "decoder.weight", Parameter.UNEMBED, TRANSPOSE));
        rules.addAll(EncoderHead.unembedBias(head, p + "bias", p + "decoder.bias"));
        return rules;
    }

    /** Returns tensors that the head does not read, and tensors without weights. */
    private static List<String> ignored(OutputHeadConfig head, String prefix) {
        String p = prefix.replace(".", "\\.");
        List<String> ignored = new ArrayList<>(List.of(p + "embeddings\\.position_ids"));
        if (head.task() == OutputHeadConfig.Task.MASKED_TOKEN || head.task() == OutputHeadConfig.Task.TOKEN_CLASSES) {
            ignored.add(p + "pooler\\..*");
        }
        if (head.task() == OutputHeadConfig.Task.MASKED_TOKEN) {
            ignored.add("cls\\.seq_relationship\\..*");
        }
        if (head.ownBias()) {
            ignored.add("cls\\.predictions\\.bias");
        }
        return ignored;
    }

    /** Returns embeddings and blocks in BERT's naming. */
    static List<WeightRule> body(String prefix, String gain, String bias) {
        String e = prefix + "embeddings.";
        String l = prefix + "encoder.layer.{l}.";
        return new ArrayList<>(List.of(
                required(e + "word_embeddings.weight", Parameter.EMBED, NONE),
                required(e + "position_embeddings.weight", Parameter.POSITION_EMBED, NONE),
                required(e + "token_type_embeddings.weight", Parameter.TOKEN_TYPE_EMBED, NONE),
                required(e + "LayerNorm." + gain, Parameter.EMBED_NORM_GAIN, NONE),
                required(e + "LayerNorm." + bias, Parameter.EMBED_NORM_BIAS, NONE),
                required(l + "attention.self.query.weight", Parameter.QUERY, TRANSPOSE),
                required(l + "attention.self.query.bias", Parameter.QUERY_BIAS, NONE),
                required(l + "attention.self.key.weight", Parameter.KEY, TRANSPOSE),
                required(l + "attention.self.key.bias", Parameter.KEY_BIAS, NONE),
                required(l + "attention.self.value.weight", Parameter.VALUE, TRANSPOSE),
                required(l + "attention.self.value.bias", Parameter.VALUE_BIAS, NONE),
                required(l + "attention.output.dense.weight", Parameter.OUTPUT, TRANSPOSE),
                required(l + "attention.output.dense.bias", Parameter.OUTPUT_BIAS, NONE),
                required(l + "attention.output.LayerNorm." + gain, Parameter.LN1_GAIN, NONE),
                required(l + "attention.output.LayerNorm." + bias, Parameter.LN1_BIAS, NONE),
                required(l + "intermediate.dense.weight", Parameter.MLP_IN, TRANSPOSE),
                required(l + "intermediate.dense.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "output.dense.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(l + "output.dense.bias", Parameter.MLP_OUT_BIAS, NONE),
                required(l + "output.LayerNorm." + gain, Parameter.LN2_GAIN, NONE),
                required(l + "output.LayerNorm." + bias, Parameter.LN2_BIAS, NONE)));
    }
}
