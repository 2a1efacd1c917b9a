package dev.kausal.engine.family;

import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.RotaryConfig;
import dev.kausal.engine.config.UnsupportedModelException;
import dev.kausal.engine.errors.Present;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** Finds the family that a config names, and checks the config that its reader returns. */
public final class ConfigReader {
    /** Fields that llama.cpp reads only for itself, or not at all. */
    private static final Set<String> GGUF_WITHOUT_INFLUENCE = Set.of(
            "attention.causal",
            "attention.layer_norm_epsilon",
            "attention.layer_norm_rms_epsilon",
            "decoder_start_token_id",
            "pooling_type",
            "rope.dimension_count",
            "rope.scaling.finetuned",
            "rope.scaling.original_context_length",
            "tensor_data_layout",
            "vocab_size");

    /** What is supported instead of a mixture of experts. */
    static final String ONE_MLP =
            "models with one MLP per layer. In a mixture of experts each position chooses its MLPs, so hook"
                    + " points of a single MLP, and sweeps that compute only the positions that an edit reaches, do"
                    + " not apply";

    private ConfigReader() {}

    public static ModelConfig json(ConfigFields fields) {
        // timm's configs name an architecture instead of a model_type.
        boolean timm = !fields.has("model_type") && fields.has("architecture");
        return timm ? checked(fields, Present.in(TimmVit.FAMILY.json(), "timm").apply(fields)) : library(fields);
    }

    private static ModelConfig library(ConfigFields fields) {
        refuseQuantised(fields);
        fields.only("per_layer_config", "none", Map.of());
        ModelConfig config = read(fields, "model_type", Family::json);
        fields.refuseUnread();
        return config;
    }

    private static void refuseQuantised(ConfigFields fields) {
        if (fields.has("quantization_config")) {
            String method =
                    fields.nested("quantization_config").text("quant_method").orElse("an unnamed method");
            throw new UnsupportedModelException(
                    fields.where(),
                    "quantization_config",
                    method,
                    "none. Use the model's unquantised checkpoint, or a .gguf of it");
        }
    }

    public static ModelConfig gguf(ConfigFields fields) {
        ModelConfig config = read(fields, "general.architecture", Family::gguf);
        String architecture = fields.text("general.architecture").orElseThrow();
        fields.refuseUnreadMetadata(architecture, GGUF_WITHOUT_INFLUENCE);
        return config;
    }

    private static ModelConfig read(
            ConfigFields fields, String field, Function<Family, Map<String, Function<ConfigFields, ModelConfig>>> of) {
        String family = fields.text(field)
                .orElseThrow(() -> new ConfigException(
                        fields.where(), "field '" + field + "' is missing.", "It must name the model's family."));
        Map<String, Function<ConfigFields, ModelConfig>> readers = new TreeMap<>();
        Families.ALL.forEach(one -> readers.putAll(of.apply(one)));
        Function<ConfigFields, ModelConfig> reader = readers.get(family);
        if (reader == null && mixture(fields, family)) {
            throw new UnsupportedModelException(fields.where(), field, family, ONE_MLP);
        }
        if (reader == null) {
            throw new UnsupportedModelException(fields.where(), field, family, String.join(", ", readers.keySet()));
        }
        return checked(fields, reader.apply(fields));
    }

    private static boolean mixture(ConfigFields fields, String family) {
        return family.contains("moe")
                || family.equals("mixtral")
                || Stream.of("num_local_experts", "num_experts", "n_routed_experts", family + ".expert_count")
                        .anyMatch(fields::has);
    }

    private static ModelConfig checked(ConfigFields fields, ModelConfig config) {
        if (config.heads() % config.keyValueHeads() != 0) {
            throw new ConfigException(
                    fields.where(),
                    config.heads() + " heads cannot share " + config.keyValueHeads() + " key and value heads.",
                    "The number of heads must be a multiple of the number of key and value heads.");
        }
        for (RotaryConfig rotary : config.attention().rotary()) {
            if (2 * rotary.frequencies().length > config.dHead()) {
                throw new ConfigException(
                        fields.where(),
                        2 * rotary.frequencies().length + " dimensions of a head rotate, but it has " + config.dHead()
                                + ".",
                        "Correct the head's width or its rotating part.");
            }
        }
        return config;
    }
}
