package dev.kausal.engine.config;

import java.util.Map;

/**
 * Reads how a GGUF's metadata wants queries and keys turned, with llama.cpp's defaults: a factor without a kind scales
 * linearly, {@code rope.scale_linear} is the factor's older name.
 */
public final class GgufRotary {
    private static final double BETA_FAST = 32;
    private static final double BETA_SLOW = 1;

    private final ConfigFields f;
    private final String rope;
    private final String architecture;

    public GgufRotary(ConfigFields f) {
        this.f = f;
        this.architecture = f.text("general.architecture").orElseThrow() + ".";
        this.rope = architecture + "rope.";
    }

    /** Halves of {@code dHead}, or of as many dimensions as the metadata says, against each other. */
    public RotaryConfig halves(int dHead) {
        return halves(dHead, 10_000);
    }

    /** The same, with the base of an architecture whose metadata has none. */
    public RotaryConfig halves(int dHead, double base) {
        int dims = f.count(rope + "dimension_count", dHead);
        double theta = f.positive(rope + "freq_base", base);
        RotaryConfig plain = RotaryConfig.halves(theta, dims);
        String type = f.text(rope + "scaling.type").orElse("linear");
        double factor = factor();
        double amplitude = f.positive(rope + "scaling.attn_factor", 1);
        return switch (type) {
            case "none" -> plain.withAmplitude(amplitude);
            case "linear" -> plain.linear(factor).withAmplitude(amplitude);
            case "yarn" -> yarn(plain, theta, factor, amplitude);
            // Its factors are a tensor; ModelSource divides by them.
            case "longrope" -> plain.withAmplitude(amplitude);
            default ->
                throw new UnsupportedModelException(
                        f.where(), rope + "scaling.type", type, "none, linear, longrope, yarn");
        };
    }

    /** Whether the frequencies' factors are a tensor of the file, as LongRoPE's are. */
    public static boolean scalesByTensor(Map<String, Object> metadata) {
        return "longrope".equals(metadata.get(metadata.get("general.architecture") + ".rope.scaling.type"));
    }

    private double factor() {
        String older = rope + "scale_linear";
        double factor = f.has(rope + "scaling.factor") ? number(rope + "scaling.factor") : number(older);
        f.unused(older);
        return factor == 0 ? 1 : factor;
    }

    /** 0 in metadata means absent. */
    private double number(String field) {
        return f.raw(field) instanceof Number number && number.doubleValue() == 0 ? 0 : f.positive(field, 1);
    }

    private RotaryConfig yarn(RotaryConfig plain, double theta, double factor, double amplitude) {
        f.only(rope + "scaling.yarn_ext_factor", "1, or none", 1);
        f.only(rope + "scaling.yarn_log_multiplier", "none", 0);
        double louder = f.positive(rope + "scaling.yarn_attn_factor", 1) * (1 + 0.1 * Math.log(factor));
        return plain.yarn(
                        factor,
                        theta,
                        trained(),
                        f.positive(rope + "scaling.yarn_beta_fast", BETA_FAST),
                        f.positive(rope + "scaling.yarn_beta_slow", BETA_SLOW),
                        true)
                .withAmplitude(amplitude * louder);
    }

    /** The context that positions were trained in before they were scaled. */
    private double trained() {
        return f.positive(rope + "scaling.original_context_length", f.positive(architecture + "context_length"));
    }

    /** The longest sequence that this rotation holds for; see {@link RotaryReader#context}. */
    public int context(int longest) {
        f.unused(rope + "scaling.original_context_length");
        boolean longrope = "longrope".equals(f.text(rope + "scaling.type").orElse(""));
        return longrope ? (int) Math.min(longest, trained()) : longest;
    }
}
