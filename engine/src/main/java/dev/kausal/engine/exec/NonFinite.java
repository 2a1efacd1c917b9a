package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.SweepPlan;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first activation of a pass that holds NaN or infinity. The negative infinity of masked attention scores does not
 * count.
 *
 * @param point the hook point, after its edits
 * @param values number of its values that are not finite
 * @param of number of its values
 */
public record NonFinite(HookPoint point, long values, long of) {
    /**
     * Returns the first such activation in the pass of cell {@code cell}, which is computed alone; empty if all are
     * finite.
     *
     * @throws dev.kausal.engine.edits.EditException if an edit does not fit its run
     */
    public static Optional<NonFinite> first(HookedModel model, SweepPlan plan, int cell) {
        Finder finder = new Finder();
        SweepPlan alone = new SweepPlan(plan.runs(), List.of(plan.cells().get(cell)));
        new PlainExecutor(hooks -> hooks.read(point -> true, finder::look)).execute(model, alone, done -> {});
        return Optional.ofNullable(finder.found);
    }

    private static final class Finder {
        private @Nullable NonFinite found;

        void look(NDArray activation, HookPoint point) {
            if (found != null) {
                return;
            }
            boolean masked = point.kind() == HookKind.ATTN_SCORES;
            try (NDArray bad = masked
                            ? activation.isNaN().add(activation.eq(Float.POSITIVE_INFINITY))
                            : activation.isNaN().add(activation.isInfinite());
                    NDArray count = bad.sum()) {
                long values = count.toType(DataType.INT64, false).getLong();
                if (values > 0) {
                    found = new NonFinite(point, values, activation.size());
                }
            }
        }
    }
}
