package dev.kausal.engine.hooks;

import ai.djl.ndarray.NDArray;
import java.util.function.BiPredicate;

/**
 * When a hook that only watches calls back.
 *
 * @param when whether it does, given the activation and the point
 * @param once whether the first call is the last
 */
public record Trigger(BiPredicate<NDArray, HookPoint> when, boolean once) {
    /** Each time that one of its points is reached. */
    public static Trigger every() {
        return new Trigger((activation, point) -> true, false);
    }

    /** The first time that one of its points is reached. */
    public static Trigger first() {
        return every().justOnce();
    }

    /**
     * Each time that a condition on the activation holds.
     *
     * @param condition arrays that it makes are closed after the layer: it must not keep any, nor change the activation
     */
    public static Trigger when(BiPredicate<NDArray, HookPoint> condition) {
        return new Trigger(condition, false);
    }

    /** The same, but only the first time. */
    public Trigger justOnce() {
        return new Trigger(when, true);
    }
}
