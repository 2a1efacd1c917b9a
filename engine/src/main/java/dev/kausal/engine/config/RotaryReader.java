package dev.kausal.engine.config;

import java.util.List;

/**
 * Reads the rotation of queries and keys from a Hugging Face config, with the precedence of transformers'
 * modeling_rope_utils.
 */
public final class RotaryReader {
    private static final double BETA_FAST = 32;
    private static final double BETA_SLOW = 1;

    private final ConfigFields config;
    private final ConfigFields rope;
    private final ConfigFields otherwise;
    private final String field;

    /** Creates a reader. Older configs keep the scaling in {@code rope_scaling}, which takes precedence. */
    public RotaryReader(ConfigFields config) {
        this(config, config.nested(field(config)), config.rope(), field(config));
    }

    private RotaryReader(ConfigFields config, ConfigFields rope, ConfigFields otherwise, String field) {
        this.config = config;
        this.rope = rope;
        this.otherwise = otherwise;
        this.field = field;
    }

    /** Returns a reader of the part for one layer type. */
    public static RotaryReader part(ConfigFields config, String layerType) {
        ConfigFields rope = config.nested("rope_parameters").nested(layerType);
        return new RotaryReader(config, rope, config.rope(layerType), "rope_parameters." + layerType);
    }

    /** Returns a reader of the part for one layer type, with {@code rope_scaling}'s fields taking precedence. */
    public static RotaryReader scaledPart(ConfigFields config, String layerType) {
        ConfigFields parts = config.nested("rope_parameters");
        ConfigFields scaling = config.nested("rope_scaling");
        if (!parts.empty() && !parts.has(layerType) && !scaling.empty()) {
            throw new ConfigException(
                    config.where(),
                    "config has both rope_scaling and rope_parameters, but rope_parameters lacks " + layerType + ".",
                    "Use rope_parameters alone, with a part for each layer type.");
        }
        // Without parts the library starts from the default type, which an older "type" then does not replace.
        ConfigFields part = parts.empty() ? config.of("rope_type", "default") : parts.nested(layerType);
        return new RotaryReader(config, scaling.over(part), config.rope(layerType), "rope_parameters." + layerType);
    }

    private static String field(ConfigFields config) {
        return config.nested("rope_scaling").empty() ? "rope_parameters" : "rope_scaling";
    }

    /**
     * Returns how many dimensions of a head rotate; {@code older} is the field's name outside {@code rope_parameters}.
     */
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

    /** Returns rotation of halves against each other, over {@code dims} dimensions of a head. */
    public RotaryConfig halves(int dims, String olderTheta) {
        RotaryConfig plain = plain(dims, olderTheta);
        return switch (type()) {
            // Within the context, the limit of this engine, dynamic scaling changes nothing.
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

    /** Returns the rotation of Phi-3, which knows only LongRoPE, formerly named YaRN. */
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

    /** Returns the context length of training before scaling. */
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

    /** Applies LongRoPE (Ding et al. 2024) within the training context; the model's context is limited to it. */
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
     * Returns the longest sequence that this rotation supports. Under LongRoPE, a longer sequence rotates every
     * position by other factors, so that a prompt's end would change its beginning.
     */
    public int context(int longest) {
        return rope.has("short_factor") ? (int) Math.min(longest, trained()) : longest;
    }

    private int even(int dims) {
        if (dims % 2 != 0) {
            throw new ConfigException(
                    config.where(), "rotary heads have odd width " + dims + ".", "The width must be even.");
        }
        return dims;
    }
}
