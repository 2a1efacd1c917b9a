package dev.kausal.engine.hooks;

import dev.kausal.engine.errors.KausalException;
import java.util.stream.Collectors;

/** A hook returned an array of another shape or type than it received. */
public final class HookShapeException extends KausalException {
    private static final long serialVersionUID = 1L;

    HookShapeException(HookPoint point, Object expected, Object found) {
        super(
                Blame.USER,
                "The hook at " + point.name() + " must return an array of " + expected + ", as it received (batch, "
                        + point.axes().stream().map(Axis::label).collect(Collectors.joining(", "))
                        + "), but returned " + found + ". Return the edited array with its axes unchanged.");
    }
}
