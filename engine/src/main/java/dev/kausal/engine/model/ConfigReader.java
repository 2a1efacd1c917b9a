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
            Map.of("llama", ConfigReader::llamaGguf);

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
        if (dModel % heads != 0) {
            throw new ConfigException(
                    f.where(), "n_embd " + dModel + " is no multiple of n_head " + heads + ".", "Check both.");
        }
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
        Object tokens = f.raw("tokenizer.ggml.tokens");
        int vocabulary = tokens instanceof List<?> list ? list.size() : f.count("llama.vocab_size");
        return new ModelConfig(
                "llama",
                f.count("llama.block_count"),
                heads,
                f.count("llama.attention.head_count_kv", heads),
                dModel,
                dHead,
                f.count("llama.feed_forward_length"),
                vocabulary,
                f.count("llama.context_length"),
                f.positive("llama.attention.layer_norm_rms_epsilon", 1e-5),
                f.positive("llama.rope.freq_base", LLAMA_THETA),
                Activation.SILU,
                true);
    }
}
