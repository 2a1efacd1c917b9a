package dev.kausal.engine.config;

import java.util.List;

/**
 * Reads how a config of Hugging Face's layout wants queries and keys turned, with the precedence of transformers'
 * modeling_rope_utils.
 */
public final class RotaryReader {
    private static final double BETA_FAST = 32;
    private static final double BETA_SLOW = 1;

    private final ConfigFields config;
    private final ConfigFields rope;
    private final ConfigFields otherwise;
    private final String field;

    /** Older configs keep the scaling in {@code rope_scaling}, which counts where a config has both. */
    public RotaryReader(ConfigFields config) {
        this(config, config.nested(field(config)), config.rope(), field(config));
    }

    private RotaryReader(ConfigFields config, ConfigFields rope, ConfigFields otherwise, String field) {
        this.config = config;
        this.rope = rope;
        this.otherwise = otherwise;
        this.field = field;
    }

    /** The part for one kind of layer, in a config with several. */
    public static RotaryReader part(ConfigFields config, String layerType) {
        ConfigFields rope = config.nested("rope_parameters").nested(layerType);
        return new RotaryReader(config, rope, config.rope(layerType), "rope_parameters." + layerType);
    }

    /** The same, {@code rope_scaling}'s fields counting before those of the part. */
    public static RotaryReader scaledPart(ConfigFields config, String layerType) {
        ConfigFields parts = config.nested("rope_parameters");
        ConfigFields scaling = config.nested("rope_scaling");
        if (!parts.empty() && !parts.has(layerType) && !scaling.empty()) {
            throw new ConfigException(
                    config.where(),
                    "rope_scaling stands beside rope_parameters without " + layerType + ".",
                    "Give rope_parameters alone, with a part for each kind of layer.");
        }
        // Without parts the library starts from the default kind, which an older "type" then does not replace.
        ConfigFields part = parts.empty() ? config.of("rope_type", "default") : parts.nested(layerType);
        return new RotaryReader(config, scaling.over(part), config.rope(layerType), "rope_parameters." + layerType);
    }

    private static String field(ConfigFields config) {
        return config.nested("rope_scaling").empty() ? "rope_parameters" : "rope_scaling";
    }

    /** How many dimensions of a head turn; {@code older} is the field's name outside {@code rope_parameters}. */
    public int dims(int dHead, String older) {
        config.refuseNull(older);
        double part = rope.has("partial_rotary_factor")
                ? rope.positive("partial_rotary_factor")
                : config.positive(older, otherwise.positive("partial_rotary_factor", 1));
        return (int) (dHead * part);
    }

    private double theta(String older) {
        return rope.has("rope_theta")
                ? rope.positive("rope_theta")
                : config.positive(older, otherwise.positive("rope_theta", 10_000));
    }

    /** Halves against each other, over {@code dims} dimensions of a head. */
    public RotaryConfig halves(int dims, String olderTheta) {
        RotaryConfig plain = plain(dims, olderTheta);
        return switch (type()) {
            // Within the context, which is all that the engine computes, dynamic scaling changes nothing.
            case "default", "dynamic" -> plain;
            case "linear" -> plain.linear(rope.positive("factor"));
            case "llama3" ->
                plain.llama3(
                        rope.positive("factor"),
                        rope.positive("low_freq_factor"),
                        rope.positive("high_freq_factor"),
                        trained());
            case "yarn" -> yarn(plain, theta(olderTheta));
            case "longrope" -> longrope(plain);
            default -> throw unsupported("default, dynamic, linear, llama3, longrope, yarn");
        };
    }

    /** The same for Phi-3, which has LongRoPE only, formerly named YaRN. */
    public RotaryConfig phi3(int dims) {
        RotaryConfig plain = plain(dims, "rope_theta");
        return switch (type()) {
            case "default" -> plain;
            case "longrope", "yarn" -> longrope(plain);
            default -> throw unsupported("default, longrope");
        };
    }

    private RotaryConfig plain(int dims, String olderTheta) {
        config.unused("original_max_position_embeddings");
        config.refuseNull(olderTheta, "partial_rotary_factor");
        return RotaryConfig.halves(theta(olderTheta), even(dims));
    }

    private String type() {
        return rope.text("rope_type").or(() -> rope.text("type")).orElse("default");
    }

    private UnsupportedModelException unsupported(String supported) {
        return new UnsupportedModelException(config.where(), field + ".rope_type", type(), supported);
    }

    /** The context that positions were trained in before they were scaled. */
    private double trained() {
        if (config.has("original_max_position_embeddings")) {
            return config.positive("original_max_position_embeddings");
        }
        return rope.positive("original_max_position_embeddings", config.positive("max_position_embeddings"));
    }

    private RotaryConfig yarn(RotaryConfig plain, double theta) {
        double factor = rope.positive("factor", config.positive("max_position_embeddings") / trained());
        return plain.yarn(
                        factor,
                        theta,
                        trained(),
                        rope.positive("beta_fast", BETA_FAST),
                        rope.positive("beta_slow", BETA_SLOW),
                        rope.flag("truncate", true))
                .withAmplitude(rope.positive("attention_factor", yarnAmplitude(factor)));
    }

    private double yarnAmplitude(double factor) {
        if (rope.has("mscale") && rope.has("mscale_all_dim")) {
            return amplitude(factor, rope.positive("mscale")) / amplitude(factor, rope.positive("mscale_all_dim"));
        }
        return amplitude(factor, 1);
    }

    private static double amplitude(double factor, double by) {
        return factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1;
    }

    /** LongRoPE (Ding et al. 2024) within the context that it was trained in; the model's context keeps to it. */
    private RotaryConfig longrope(RotaryConfig plain) {
        double factor = rope.positive("factor", config.positive("max_position_embeddings") / trained());
        double amplitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained()));
        List<Double> factors = rope.numbers("short_factor", plain.frequencies().length);
        float[] each = new float[factors.size()];
        for (int i = 0; i < each.length; i++) {
            each[i] = factors.get(i).floatValue();
        }
        return plain.divided(each).withAmplitude(rope.positive("attention_factor", amplitude));
    }

    /**
     * The longest sequence that this rotation holds for. Under LongRoPE every position of a longer one turns by other
     * factors, so that a prompt's end would change its beginning.
     */
    public int context(int longest) {
        return rope.has("short_factor") ? (int) Math.min(longest, trained()) : longest;
    }

    private int even(int dims) {
        if (dims % 2 != 0) {
            throw new ConfigException(config.where(), "rotary heads of odd width " + dims + ".", "It must be even.");
        }
        return dims;
    }
}
