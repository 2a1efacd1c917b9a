package dev.kausal.engine.hooks;

import ai.djl.ndarray.NDArray;
import java.util.function.BiPredicate;

/**
 * When a watching hook calls back.
 *
 * @param when whether it does, given the activation and the point
 * @param once whether it calls back only once
 */
public record Trigger(BiPredicate<NDArray, HookPoint> when, boolean once) {
    /** Calls back each time that one of its points is reached. */
    public static Trigger every() {
        return new Trigger((activation, point) -> true, false);
    }

    /** Calls back the first time that one of its points is reached. */
    public static Trigger first() {
        return every().justOnce();
    }

    /**
     * Calls back each time that a condition on the activation holds.
     *
     * @param condition must neither keep nor change the activation; arrays that it makes are closed after the layer
     */
    public static Trigger when(BiPredicate<NDArray, HookPoint> condition) {
        return new Trigger(condition, false);
    }

    /** Returns a copy that calls back only once. */
    public Trigger justOnce() {
        return new Trigger(when, true);
    }
}
