package dev.kausal.engine.config;

import java.util.Map;

/**
 * Reads the rotation of queries and keys from a GGUF's metadata, with llama.cpp's defaults: a factor without a type
 * scales linearly; {@code rope.scale_linear} is the factor's older name.
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

    /** Returns rotation of halves of {@code dHead}, or of the number of dimensions in the metadata. */
    public RotaryConfig halves(int dHead) {
        return halves(dHead, 10_000);
    }

    /** Returns rotation of halves with a default base, for architectures whose metadata has none. */
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
            // Its factors are a tensor, applied by ModelSource.
            case "longrope" -> plain.withAmplitude(amplitude);
            default ->
                throw new UnsupportedModelException(
                        f.where(), rope + "scaling.type", type, "none, linear, longrope, yarn");
        };
    }

    /** Returns whether the frequency factors are a tensor of the file (LongRoPE). */
    public static boolean scalesByTensor(Map<String, Object> metadata) {
        return "longrope".equals(metadata.get(metadata.get("general.architecture") + ".rope.scaling.type"));
    }

    private double factor() {
        String older = rope + "scale_linear";
        double factor = f.has(rope + "scaling.factor") ? number(rope + "scaling.factor") : number(older);
        f.unused(older);
        return factor == 0 ? 1 : factor;
    }

    /** Reads a number; 0 means absent. */
    private double number(String field) {
        return f.raw(field) instanceof Number number && number.doubleValue() == 0 ? 0 : f.positive(field, 1);
    }

    private RotaryConfig yarn(RotaryConfig plain, double theta, double factor, double amplitude) {
        f.only(rope + "scaling.yarn_ext_factor", "1, or absent", 1);
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

    /** Returns the context length of training before scaling. */
    private double trained() {
        return f.positive(rope + "scaling.original_context_length", f.positive(architecture + "context_length"));
    }

    /** Returns the longest sequence that this rotation supports; see {@link RotaryReader#context}. */
    public int context(int longest) {
        f.unused(rope + "scaling.original_context_length");
        boolean longrope = "longrope".equals(f.text(rope + "scaling.type").orElse(""));
        return longrope ? (int) Math.min(longest, trained()) : longest;
    }
}
