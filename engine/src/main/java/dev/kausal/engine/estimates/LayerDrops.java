package dev.kausal.engine.estimates;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.gradients.ObjectiveException;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import java.util.Collection;
import java.util.Set;

/**
 * The passes of gradient drop (AtP*, Kramár et al. 2024): in each, gradients do not flow back through what the attention and
 * the MLP of one layer add to the stream.
 *
 * <p>An estimate is the mean of its sizes over the passes that it can differ from 0 in. What acts only through the writes of
 * one layer is 0 in that layer's pass, which does not count: a head's is a mean over the other layers.
 */
public final class LayerDrops {
    private static final Set<HookKind> STREAM =
            Set.of(HookKind.RESID_PRE, HookKind.RESID_MID, HookKind.RESID_POST, HookKind.NORMALIZED_RESID_POST);
    private static final Set<HookKind> NORMED_SUMS = Set.of(
            HookKind.MLP_IN, HookKind.LN1_SCALE, HookKind.LN1_NORMALIZED, HookKind.LN2_SCALE, HookKind.LN2_NORMALIZED);

    /** Of a point that acts on the stream itself. */
    private static final int NONE = -1;

    private final ModelConfig config;

    /**
     * Creates the passes of a model.
     *
     * @throws ObjectiveException if it has a single layer
     */
    public LayerDrops(ModelConfig config) {
        if (config.layers() < 2) {
            throw ObjectiveException.oneLayer();
        }
        this.config = config;
    }

    /** Returns whether everything at these points acts through the writes of {@code layer} alone. */
    public boolean zero(Collection<HookPoint> points, int layer) {
        return points.stream().allMatch(point -> through(point) == layer);
    }

    /** Returns the number of passes that count for what changes at these points. */
    public int passes(Collection<HookPoint> points) {
        int first = points.isEmpty() ? NONE : through(points.iterator().next());
        return first != NONE && zero(points, first) ? config.layers() - 1 : config.layers();
    }

    /** Returns the layer through whose writes alone a point acts. */
    private int through(HookPoint point) {
        boolean ofSum = config.block().order().normsSum() && NORMED_SUMS.contains(point.kind());
        return !point.kind().layered() || STREAM.contains(point.kind()) || ofSum ? NONE : point.layer();
    }
}
