package dev.kausal.engine.family;

import dev.kausal.engine.config.Parameter;
import java.util.List;

/**
 * One line of an architecture's table.
 *
 * @param name name of the tensor in the checkpoint, with {@code {l}} for the layer
 * @param parameter the parameter it holds
 * @param transform conversion to the parameter
 * @param need whether a checkpoint may lack it
 */
public record WeightRule(String name, Parameter parameter, Transform transform, Need need) {
    /** Whether a checkpoint must have the tensor. */
    public enum Need {
        REQUIRED,
        /** May be absent if the model was trained without it (a bias), or if it is tied. */
        OPTIONAL
    }

    static WeightRule required(String name, Parameter parameter, Transform transform) {
        return new WeightRule(name, parameter, transform, Need.REQUIRED);
    }

    static WeightRule optional(String name, Parameter parameter, Transform transform) {
        return new WeightRule(name, parameter, transform, Need.OPTIONAL);
    }

    /** Returns a dense layer, stored as [output, input], and its bias. */
    static List<WeightRule> dense(String name, Parameter weight, Parameter bias) {
        return List.of(
                required(name + ".weight", weight, Transform.TRANSPOSE),
                required(name + ".bias", bias, Transform.NONE));
    }

    /** Returns the same rule under the prefix {@code other} instead of {@code prefix}. */
    WeightRule renamed(String prefix, String other) {
        return new WeightRule(renamed(name, prefix, other), parameter, transform, need);
    }

    static String renamed(String name, String prefix, String other) {
        return name.startsWith(prefix) ? other + name.substring(prefix.length()) : name;
    }

    /** Returns the checkpoint's name of the tensor in {@code layer}. */
    public String name(int layer) {
        return name.replace("{l}", Integer.toString(layer));
    }
}
