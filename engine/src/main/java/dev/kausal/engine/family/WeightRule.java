package dev.kausal.engine.family;

import dev.kausal.engine.config.Parameter;
import java.util.List;

/**
 * One line of an architecture's table.
 *
 * @param name of the tensor in the checkpoint, {@code {l}} standing for the layer
 * @param parameter what it is
 * @param transform how it becomes that
 * @param need whether a checkpoint may lack it
 */
public record WeightRule(String name, Parameter parameter, Transform transform, Need need) {
    /** Whether a checkpoint must have the tensor. */
    public enum Need {
        REQUIRED,
        /** Absent where the model was trained without it (a bias), or where it is tied. */
        OPTIONAL
    }

    static WeightRule required(String name, Parameter parameter, Transform transform) {
        return new WeightRule(name, parameter, transform, Need.REQUIRED);
    }

    static WeightRule optional(String name, Parameter parameter, Transform transform) {
        return new WeightRule(name, parameter, transform, Need.OPTIONAL);
    }

    /** A dense layer, stored as [output, input], and its bias. */
    static List<WeightRule> dense(String name, Parameter weight, Parameter bias) {
        return List.of(
                required(name + ".weight", weight, Transform.TRANSPOSE),
                required(name + ".bias", bias, Transform.NONE));
    }

    /** The same tensor where names begin with {@code other} instead of {@code prefix}. */
    WeightRule renamed(String prefix, String other) {
        return new WeightRule(renamed(name, prefix, other), parameter, transform, need);
    }

    static String renamed(String name, String prefix, String other) {
        return name.startsWith(prefix) ? other + name.substring(prefix.length()) : name;
    }

    /** The checkpoint's name of the tensor in {@code layer}. */
    public String name(int layer) {
        return name.replace("{l}", Integer.toString(layer));
    }
}
