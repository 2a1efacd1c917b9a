package dev.kausal.engine.model;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Reads a {@link ModelConfig} from config.json's fields or a GGUF's metadata; one reader per family and source. */
final class ConfigReader {
    private static final double LLAMA_THETA = 10_000.0;

    private static final Map<String, Activation> ACTIVATIONS = Map.of(
            "silu", Activation.SILU,
            "gelu", Activation.GELU,
            "gelu_new", Activation.GELU_TANH,
            "gelu_pytorch_tanh", Activation.GELU_TANH,
            "relu", Activation.RELU);

    private static final Map<String, Function<ConfigFields, ModelConfig>> JSON =
            Map.of("llama", ConfigReader::llamaJson, "gpt2", ConfigReader::gpt2Json);

    private static final Map<String, Function<ConfigFields, ModelConfig>> GGUF =
            Map.of("llama", ConfigReader::llamaGguf, "gpt2", ConfigReader::gpt2Gguf);

    private static final Map<String, Architecture> ARCHITECTURES =
            Map.of("llama", Llama.ARCHITECTURE, "gpt2", Gpt2.ARCHITECTURE);

    private ConfigReader() {}

    static Architecture architecture(ModelConfig config) {
        return ARCHITECTURES.get(config.family());
    }

    static ModelConfig json(ConfigFields fields) {
        return read(fields, "model_type", JSON);
    }

    static ModelConfig gguf(ConfigFields fields) {
        return read(fields, "general.architecture", GGUF);
    }

    private static ModelConfig read(
            ConfigFields fields, String field, Map<String, Function<ConfigFields, ModelConfig>> readers) {
        String family = fields.text(field)
                .orElseThrow(() -> new ConfigException(
                        fields.where(), "field '" + field + "' is missing.", "It names the model's family."));
        Function<ConfigFields, ModelConfig> reader = readers.get(family);
        if (reader == null) {
            String known = String.join(", ", readers.keySet().stream().sorted().toList());
            throw new UnsupportedModelException(fields.where(), field, family, known);
        }
        ModelConfig config = reader.apply(fields);
        check(fields, config);
        return config;
    }

    private static void check(ConfigFields fields, ModelConfig config) {
        if (config.heads() % config.keyValueHeads() != 0) {
            throw new ConfigException(
                    fields.where(),
                    config.heads() + " heads cannot share " + config.keyValueHeads() + " key and value heads.",
                    "The first must be a multiple of the second.");
        }
        if (config.rotary() && config.dHead() % 2 != 0) {
            throw new ConfigException(
                    fields.where(), "rotary heads of odd width " + config.dHead() + ".", "The width must be even.");
        }
    }

    private static Activation activation(ConfigFields fields, String field, String otherwise) {
        String name = fields.text(field).orElse(otherwise);
        Activation activation = ACTIVATIONS.get(name);
        if (activation == null) {
            throw new UnsupportedModelException(
                    fields.where(),
                    field,
                    name,
                    String.join(", ", ACTIVATIONS.keySet().stream().sorted().toList()));
        }
        return activation;
    }

    private static ModelConfig llamaJson(ConfigFields f) {
        f.only("pretraining_tp", "1", 1);
        int heads = f.count("num_attention_heads");
        int dModel = f.count("hidden_size");
        return new ModelConfig(
                "llama",
                f.count("num_hidden_layers"),
                heads,
                f.count("num_key_value_heads", heads),
                dModel,
                f.count("head_dim", Math.max(1, dModel / heads)),
                f.count("intermediate_size"),
                f.count("vocab_size"),
                f.count("max_position_embeddings", 2048),
                f.positive("rms_norm_eps", 1e-6),
                ropeTheta(f),
                activation(f, "hidden_act", "silu"),
                f.flag("tie_word_embeddings", false));
    }

    /** Newer configs keep the base in {@code rope_parameters}; any scaling is refused, not ignored. */
    private static double ropeTheta(ConfigFields f) {
        for (String field : List.of("rope_scaling", "rope_parameters")) {
            if (f.raw(field) instanceof Map<?, ?> rope) {
                Object type = rope.get("rope_type") == null ? rope.get("type") : rope.get("rope_type");
                if (type != null && !"default".equals(type)) {
                    throw new UnsupportedModelException(f.where(), field + ".rope_type", type, "default");
                }
                if (rope.get("rope_theta") instanceof Number theta) {
                    return theta.doubleValue();
                }
            }
        }
        return f.positive("rope_theta", LLAMA_THETA);
    }

    private static ModelConfig gpt2Json(ConfigFields f) {
        f.only("scale_attn_weights", "true", true);
        f.only("scale_attn_by_inverse_layer_idx", "false", false);
        f.only("add_cross_attention", "false", false);
        int heads = f.count("n_head");
        int dModel = f.count("n_embd");
        requireWholeHeads(f, dModel, heads);
        return new ModelConfig(
                "gpt2",
                f.count("n_layer"),
                heads,
                heads,
                dModel,
                dModel / heads,
                f.count("n_inner", 4 * dModel),
                f.count("vocab_size"),
                f.count("n_positions", 1024),
                f.positive("layer_norm_epsilon", 1e-5),
                Double.NaN,
                activation(f, "activation_function", "gelu_new"),
                f.flag("tie_word_embeddings", true));
    }

    private static void requireWholeHeads(ConfigFields f, int dModel, int heads) {
        if (dModel % heads != 0) {
            throw new ConfigException(
                    f.where(), "d_model " + dModel + " is no multiple of " + heads + " heads.", "Check both.");
        }
    }

    /** The activation is not in the metadata: llama.cpp computes every GPT-2 with the tanh approximation. */
    private static ModelConfig gpt2Gguf(ConfigFields f) {
        int heads = f.count("gpt2.attention.head_count");
        int dModel = f.count("gpt2.embedding_length");
        requireWholeHeads(f, dModel, heads);
        f.only("gpt2.attention.head_count_kv", "the number of heads, " + heads, heads);
        return new ModelConfig(
                "gpt2",
                f.count("gpt2.block_count"),
                heads,
                heads,
                dModel,
                dModel / heads,
                f.count("gpt2.feed_forward_length"),
                vocabulary(f, "gpt2"),
                f.count("gpt2.context_length"),
                f.positive("gpt2.attention.layer_norm_epsilon", 1e-5),
                Double.NaN,
                Activation.GELU_TANH,
                true);
    }

    /** A GGUF says how many tokens there are by listing them; older ones only by a number. */
    private static int vocabulary(ConfigFields f, String family) {
        return f.raw("tokenizer.ggml.tokens") instanceof List<?> tokens
                ? tokens.size()
                : f.count(family + ".vocab_size");
    }

    private static ModelConfig llamaGguf(ConfigFields f) {
        if (f.has("llama.rope.scaling.type")) {
            f.only("llama.rope.scaling.type", "none", "none");
        }
        if (f.has("llama.expert_count")) {
            f.only("llama.expert_count", "0 (no experts)", 0);
        }
        int heads = f.count("llama.attention.head_count");
        int dModel = f.count("llama.embedding_length");
        int dHead = f.count("llama.attention.key_length", Math.max(1, dModel / heads));
        f.only("llama.rope.dimension_count", "the head's width, " + dHead, dHead);
        f.only("llama.attention.value_length", "the key's width, " + dHead, dHead);
        return new ModelConfig(
                "llama",
                f.count("llama.block_count"),
                heads,
                f.count("llama.attention.head_count_kv", heads),
                dModel,
                dHead,
                f.count("llama.feed_forward_length"),
                vocabulary(f, "llama"),
                f.count("llama.context_length"),
                f.positive("llama.attention.layer_norm_rms_epsilon", 1e-5),
                f.positive("llama.rope.freq_base", LLAMA_THETA),
                Activation.SILU,
                true);
    }
}
