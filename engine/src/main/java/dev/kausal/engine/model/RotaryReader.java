package dev.kausal.engine.model;

import java.util.List;

/** Reads how a config of Hugging Face's layout wants queries and keys turned. */
final class RotaryReader {
    private static final double THETA = 10_000;

    private final ConfigFields config;
    private final ConfigFields rope;
    private final String field;

    /** Newer configs keep all of it in {@code rope_parameters}, older ones the scaling only, in {@code rope_scaling}. */
    RotaryReader(ConfigFields config) {
        this(config, config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
    }

    private RotaryReader(ConfigFields config, String field) {
        this.config = config;
        this.field = field;
        this.rope = config.nested(field);
    }

    /** The part named {@code name} of a config that has several. */
    static RotaryReader part(ConfigFields config, String name) {
        return new RotaryReader(config.nested("rope_parameters"), name);
    }

    /** How many dimensions of a head turn; {@code older} is the field's name outside {@code rope_parameters}. */
    int dims(int dHead, String older) {
        return dims(dHead, older, 1);
    }

    /** The same, with the part of a head that turns where no field says so. */
    int dims(int dHead, String older, double otherwise) {
        double part = rope.has("partial_rotary_factor")
                ? rope.positive("partial_rotary_factor", 1)
                : config.positive(older, otherwise);
        return (int) (dHead * part);
    }

    private double theta(String older) {
        return rope.has("rope_theta") ? rope.positive("rope_theta", THETA) : config.positive(older, THETA);
    }

    /** Halves against each other, with no scaling but the {@code supported} kinds. */
    RotaryShape halves(int dims, String theta, String... supported) {
        RotaryShape plain = RotaryShape.halves(theta(theta), even(dims));
        String type = rope.text("rope_type").or(() -> rope.text("type")).orElse("default");
        if (!type.equals("default") && !List.of(supported).contains(type)) {
            String known = supported.length == 0 ? "default" : "default, " + String.join(", ", supported);
            throw new UnsupportedModelException(config.where(), field + ".rope_type", type, known);
        }
        return switch (type) {
            case "linear" -> plain.linear(rope.positive("factor"));
            case "llama3" ->
                plain.llama3(
                        rope.positive("factor"),
                        rope.positive("low_freq_factor"),
                        rope.positive("high_freq_factor"),
                        rope.positive("original_max_position_embeddings"));
            default -> plain;
        };
    }

    private int even(int dims) {
        if (dims % 2 != 0) {
            throw new ConfigException(config.where(), "rotary heads of odd width " + dims + ".", "It must be even.");
        }
        return dims;
    }
}
