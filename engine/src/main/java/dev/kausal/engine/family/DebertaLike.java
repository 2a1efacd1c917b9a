package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.RelativePositionConfig;
import dev.kausal.engine.config.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Shared by DeBERTa's versions: everything except attention. */
final class DebertaLike {
    private static final String HEAD = "cls.predictions.";
    private static final String WORDS_HEAD = "lm_predictions.lm_head.";

    private DebertaLike() {}

    /** Reads sizes, embedding, head and block of a config; {@code name} is the prefix of the family's class names. */
    static ModelConfig sizes(String family, String name, ConfigFields f) {
        f.refuseNull("embedding_size", "attention_head_size", "pooler_hidden_size");
        int heads = f.count("num_attention_heads");
        int dModel = f.count("hidden_size");
        int dHead = f.headWidth(dModel, heads);
        f.only("attention_head_size", "hidden_size / num_attention_heads, " + dHead, dHead);
        f.only("pooler_hidden_size", "hidden_size, " + dModel, dModel);
        int layers = f.layers("num_hidden_layers");
        OutputHeadConfig head = head(f, name);
        return new ModelConfig(
                family,
                layers,
                heads,
                heads,
                dModel,
                dHead,
                f.count("intermediate_size"),
                f.count("vocab_size"),
                f.count("max_position_embeddings"),
                f.positive("layer_norm_eps"),
                f.activation("hidden_act"),
                f.ties(head),
                Bert.BLOCK,
                AttentionConfig.full(layers, dHead),
                embedding(f, head, dModel),
                head);
    }

    private static OutputHeadConfig head(ConfigFields f, String name) {
        OutputHeadConfig masked = f.flag("legacy")
                ? EncoderHead.masked(f, f.activation("hidden_act"))
                : OutputHeadConfig.maskedToken(f.activation("hidden_act")).withEmbeddingAsUnembedding();
        return EncoderHead.read(
                f,
                name,
                masked,
                Map.of(
                        "ForSequenceClassification",
                        OutputHeadConfig.firstRowClasses(f.activation("pooler_hidden_act"), f.classes()),
                        "Model",
                        OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.NONE, Optional.empty())));
    }

    private static EmbeddingConfig embedding(ConfigFields f, OutputHeadConfig head, int dModel) {
        EmbeddingConfig all = EmbeddingConfig.normed(0, f.whole("type_vocab_size", 0));
        EmbeddingConfig embedding = f.flag("position_biased_input") ? all : all.withoutPositions();
        int width = f.count("embedding_size", dModel);
        if (width == dModel) {
            return embedding;
        }
        if (head.embeddingAsUnembedding()) {
            throw new UnsupportedModelException(
                    f.where(), "embedding_size", width, "hidden_size, " + dModel + ", because legacy is false");
        }
        return embedding.withProjectedEmbeds(width);
    }

    /** Reads the score terms beyond query · key: c2p (queries with distances), p2c (keys with distances). */
    static Set<String> terms(ConfigFields f) {
        Object found = f.raw("pos_att_type");
        List<?> named = found instanceof String text
                ? List.of(text.toLowerCase(Locale.ROOT).split("\\|", -1))
                : found instanceof List<?> list ? list : List.of();
        Set<String> terms = new TreeSet<>();
        for (Object one : named) {
            String term = found instanceof String ? String.valueOf(one).strip() : String.valueOf(one);
            if (!Set.of("c2p", "p2c").contains(term) || !terms.add(term)) {
                throw new UnsupportedModelException(
                        f.where(), "pos_att_type", found, "c2p, p2c, both, or null, each at most once");
            }
        }
        return terms;
    }

    /** Returns the distance from which on all distances share an embedding. */
    static int farthest(ConfigFields f, ModelConfig config) {
        int given = f.whole("max_relative_positions", Integer.MIN_VALUE, 0);
        return given < 1 ? config.context() : given;
    }

    /** Returns a copy whose scores are scaled for {@code terms} terms, even if these are not positional. */
    static ModelConfig attending(ConfigFields f, ModelConfig config, int terms, RelativePositionConfig relative) {
        f.unused("max_relative_positions");
        double scale = 1 / Math.sqrt((double) config.dHead() * (1 + terms));
        return config.with(config.attention().withScale(scale).withRelative(relative));
    }

    /**
     * Returns tables with and without the prefix of a model with a head; {@code attention} gives the attention rules.
     */
    static List<Architecture.Table> tables(ModelConfig config, Function<String, List<WeightRule>> attention) {
        List<Architecture.Table> tables = new ArrayList<>();
        for (String prefix : List.of("deberta.", "")) {
            for (List<WeightRule> head : heads(config.head())) {
                List<WeightRule> rules = new ArrayList<>(attention.apply(prefix));
                rules.addAll(ends(config, prefix));
                rules.addAll(blocks(prefix));
                rules.addAll(head);
                tables.add(new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, ignored(config, prefix)));
            }
        }
        return tables;
    }

    private static List<WeightRule> ends(ModelConfig config, String prefix) {
        String e = prefix + "embeddings.";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(e + "word_embeddings.weight", Parameter.EMBED, NONE),
                required(e + "LayerNorm.weight", Parameter.EMBED_NORM_GAIN, NONE),
                required(e + "LayerNorm.bias", Parameter.EMBED_NORM_BIAS, NONE)));
        if (config.embedding().learnedPositions()) {
            rules.add(required(e + "position_embeddings.weight", Parameter.POSITION_EMBED, NONE));
        }
        if (config.embedding().tokenTypes() > 0) {
            rules.add(required(e + "token_type_embeddings.weight", Parameter.TOKEN_TYPE_EMBED, NONE));
        }
        if (config.embedding().embedWidth() > 0) {
            rules.add(required(e + "embed_proj.weight", Parameter.EMBED_PROJECTION, TRANSPOSE));
        }
        if (relative(config)) {
            rules.add(required(prefix + "encoder.rel_embeddings.weight", Parameter.RELATIVE_EMBED, NONE));
        }
        return rules;
    }

    private static boolean relative(ModelConfig config) {
        return config.attention().relative().rows() > 0;
    }

    private static List<WeightRule> blocks(String prefix) {
        String l = prefix + "encoder.layer.{l}.";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(l + "attention.output.LayerNorm.weight", Parameter.LN1_GAIN, NONE),
                required(l + "attention.output.LayerNorm.bias", Parameter.LN1_BIAS, NONE),
                required(l + "output.LayerNorm.weight", Parameter.LN2_GAIN, NONE),
                required(l + "output.LayerNorm.bias", Parameter.LN2_BIAS, NONE)));
        rules.addAll(WeightRule.dense(l + "attention.output.dense", Parameter.OUTPUT, Parameter.OUTPUT_BIAS));
        rules.addAll(WeightRule.dense(l + "intermediate.dense", Parameter.MLP_IN, Parameter.MLP_IN_BIAS));
        rules.addAll(WeightRule.dense(l + "output.dense", Parameter.MLP_OUT, Parameter.MLP_OUT_BIAS));
        return rules;
    }

    private static List<List<WeightRule>> heads(OutputHeadConfig head) {
        return switch (head.task()) {
            case MASKED_TOKEN -> List.of(head.embeddingAsUnembedding() ? wordsHead() : maskedToken(head));
            case CLASSES ->
                List.of(EncoderHead.concat(EncoderHead.pooler("pooler.dense"), EncoderHead.classifier("classifier")));
            case TOKEN_CLASSES -> EncoderHead.perToken();
            default -> List.of(List.of());
        };
    }

    private static List<WeightRule> maskedToken(OutputHeadConfig head) {
        List<WeightRule> rules = transform(HEAD + "transform.");
        rules.add(optional(HEAD + "decoder.weight", Parameter.UNEMBED, TRANSPOSE));
        rules.addAll(EncoderHead.unembedBias(head, HEAD + "bias", HEAD + "decoder.bias"));
        return rules;
    }

    private static List<WeightRule> wordsHead() {
        List<WeightRule> rules = transform(WORDS_HEAD);
        rules.add(required(WORDS_HEAD + "bias", Parameter.UNEMBED_BIAS, NONE));
        return rules;
    }

    private static List<WeightRule> transform(String prefix) {
        List<WeightRule> rules =
                new ArrayList<>(WeightRule.dense(prefix + "dense", Parameter.TRANSFORM, Parameter.TRANSFORM_BIAS));
        rules.add(required(prefix + "LayerNorm.weight", Parameter.FINAL_GAIN, NONE));
        rules.add(required(prefix + "LayerNorm.bias", Parameter.FINAL_BIAS, NONE));
        return rules;
    }

    /**
     * Returns tensors that the class does not read, tensors without weights, and version 3's training discriminator.
     */
    private static List<String> ignored(ModelConfig config, String prefix) {
        String p = prefix.replace(".", "\\.");
        List<String> ignored = new ArrayList<>(List.of(p + "embeddings\\.position_ids", "mask_predictions\\..*"));
        if (!config.embedding().learnedPositions()) {
            ignored.add(p + "embeddings\\.position_embeddings\\.weight");
        }
        if (!relative(config)) {
            ignored.add(p + "encoder\\.LayerNorm\\..*");
        }
        if (config.head().task() != OutputHeadConfig.Task.CLASSES) {
            ignored.add("pooler\\..*");
        }
        if (config.head().ownBias()) {
            ignored.add("cls\\.predictions\\.bias");
        }
        return ignored;
    }
}
