package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.forward.HeadInputs;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.model.HookedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gradients at what the readers of an {@link EdgeGraph} read, for each pair of a batch: means over one pass or several. Those
 * of heads are kept in the width of a head, and projected to the stream's when they are read ({@link HeadInputs}).
 */
final class ReaderGradients implements AutoCloseable {
    private static final List<HookKind> PROJECTED = List.of(HookKind.Q, HookKind.K, HookKind.V);

    private final HookedModel model;
    private final int pairs;
    private final HeadInputs inputs;
    private final NDManager owner;
    private final Map<String, NDArray> sums = new HashMap<>();
    private final List<LayerSum> layers = new ArrayList<>();
    private int points;

    /** Gradients of a layer's heads so far. */
    private static final class LayerSum {
        private @Nullable NDArray scaled;
        private final NDList along = new NDList();
        private final NDList normalized = new NDList();
    }

    /** Creates means over no pass, of arrays that {@code parent} closes at the latest. */
    ReaderGradients(HookedModel model, int pairs, Linearisation rules, NDManager parent) {
        this.model = model;
        this.pairs = pairs;
        this.inputs = new HeadInputs(model.transformer().with(rules));
        this.owner = parent.newSubManager();
        for (int layer = 0; layer < model.config().layers(); layer++) {
            layers.add(new LayerSum());
        }
    }

    /** Returns whether the gradient at a point is needed. */
    static boolean at(HookPoint point, int lastLayer) {
        return PROJECTED.contains(point.kind())
                || Reader.Kind.MLP.at(point, lastLayer)
                || Reader.Kind.LOGITS.at(point, lastLayer);
    }

    /** Returns whether the activation at a point is needed besides. */
    static boolean reads(HookPoint point) {
        return point.kind() == HookKind.LN1_SCALE || point.kind() == HookKind.LN1_NORMALIZED;
    }

    /**
     * Adds the gradients of one pass.
     *
     * @param norms activations of the pass at the points that {@link #reads} names
     * @param copies how often the pass has all pairs, one after the other
     */
    void add(Gradients found, ActivationCache norms, int copies) {
        points += copies;
        for (int layer = 0; layer < layers.size(); layer++) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                add(layer, found, norms, copies);
            }
        }
        for (String name : found.gradients().names()) {
            if (!PROJECTED.contains(model.points().named(name).kind())) {
                try (NDScope scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    NDArray sum = summed(found.get(name), copies);
                    sums.merge(name, kept(sum), ReaderGradients::added);
                }
            }
        }
    }

    private void add(int layer, Gradients found, ActivationCache norms, int copies) {
        boolean normed = inputs.normed(layer);
        NDArray scale = normed ? norms.get(HookKind.LN1_SCALE.name(layer)).reshape(-1, 1) : null;
        HeadInputs.Part part =
                inputs.part(layer, rows(found.activations(), layer), rows(found.gradients(), layer), scale);
        LayerSum sum = layers.get(layer);
        NDArray own = kept(summed(part.scaled(), copies));
        sum.scaled = sum.scaled == null ? own : added(sum.scaled, own);
        if (part.along() != null) {
            NDArray normalized = norms.get(HookKind.LN1_NORMALIZED.name(layer));
            sum.along.add(kept(byCopy(part.along(), copies)));
            sum.normalized.add(kept(byCopy(normalized.reshape(-1, model.config().dModel()), copies)));
        }
    }

    /** Returns queries, keys and values, each [row, head, d_head]. */
    private NDList rows(ActivationCache at, int layer) {
        ModelConfig config = model.config();
        NDList rows = new NDList();
        for (HookKind kind : PROJECTED) {
            int heads = kind == HookKind.Q ? config.heads() : config.keyValueHeads();
            rows.add(at.get(kind.name(layer)).reshape(-1, heads, config.dHead()));
        }
        return rows;
    }

    /** Sums copies along the first axis. */
    private static NDArray summed(NDArray all, int copies) {
        // A copy, since the pass that owns the original is closed.
        return copies == 1 ? all.duplicate() : byCopy(all, copies).sum(new int[] {0});
    }

    private static NDArray byCopy(NDArray all, int copies) {
        Shape each = all.getShape().slice(1);
        return all.reshape(new Shape(copies, all.getShape().get(0) / copies).addAll(each));
    }

    private static NDArray added(NDArray sum, NDArray more) {
        sum.addi(more);
        more.close();
        return sum;
    }

    private NDArray kept(NDArray array) {
        NDScope.unregister(array);
        array.attach(owner);
        return array;
    }

    /** Returns the mean gradients at a point, of shape [pair, ...], in the open NDScope. */
    NDArray at(String name) {
        NDArray sum = sums.get(name);
        if (sum == null) {
            throw new IllegalStateException("no gradient was taken at " + name);
        }
        return sum.div(points);
    }

    /**
     * Returns the mean gradients at what a layer's queries, keys and values read [pair, reader, position * d_model], in the
     * open NDScope.
     */
    NDArray heads(int layer) {
        LayerSum sum = layers.get(layer);
        NDArray scaled = Present.of(sum.scaled, "gradient").div(points);
        NDArray along = null;
        NDArray normalized = null;
        if (!sum.along.isEmpty()) {
            along = NDArrays.concat(sum.along).transpose(1, 2, 0).div(points);
            normalized = NDArrays.concat(sum.normalized).transpose(1, 0, 2);
        }
        NDArray rows = inputs.of(layer, scaled, along, normalized);
        long readers = inputs.readers();
        return rows.reshape(pairs, -1, readers, model.config().dModel())
                .transpose(0, 2, 1, 3)
                .reshape(pairs, readers, -1);
    }

    @Override
    public void close() {
        owner.close();
    }
}
