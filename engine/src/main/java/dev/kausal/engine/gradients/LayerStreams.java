package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.forward.ForwardPass;
import dev.kausal.engine.forward.LayerBatch;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * The residual stream between the layers of a pass, from which each layer is computed again when the backward pass
 * reaches it (gradient checkpointing, Chen et al. 2016). So the recording holds one layer's weights and activations at
 * a time, for one more forward pass.
 */
final class LayerStreams implements AutoCloseable {
    private final NDManager manager;
    private final List<NDArray> streams = new ArrayList<>();

    private LayerStreams(NDManager manager) {
        this.manager = manager;
    }

    /** Runs a pass, with its hooks and without recording it; call this outside {@link Recording#of}. */
    static LayerStreams of(RecordedPass pass, InputBatch batch) {
        Torch.inference();
        LayerStreams found = new LayerStreams(pass.model().device().manager());
        ForwardPass forward = new ForwardPass(pass.transformer(), pass.hooks());
        try (Scope scope = pass.model().device().scope()) {
            LayerBatch rows = forward.rows(batch, scope.manager());
            NDArray stream = found.kept(forward.embed(batch, scope.manager()));
            for (int layer = 0; layer < pass.model().config().layers(); layer++) {
                stream = found.kept(forward.layer(layer, stream, rows));
            }
            return found;
        } catch (RuntimeException e) {
            found.close();
            throw e;
        }
    }

    private NDArray kept(NDArray stream) {
        NDScope.unregister(stream);
        stream.attach(manager);
        streams.add(stream);
        return stream;
    }

    /**
     * Leaves gradients at all arrays of the pass that keep them and returns the objective; needs a recording, and an
     * open NDScope.
     *
     * @param points points whose gradients are wanted: layers before the first of them are skipped
     */
    double backward(RecordedPass pass, InputBatch batch, List<HookPoint> points, NDManager local) {
        ForwardPass forward = new ForwardPass(pass.transformer(), pass.hooks());
        int layers = pass.model().config().layers();
        int lowest =
                points.stream().mapToInt(point -> part(point, layers)).min().orElse(layers);
        double value;
        NDArray gradient;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray leaf = Recording.leaf(streams.get(layers));
            NDArray outputs =
                    forward.outputs(leaf, batch.layout(), pass.objective().rows(batch), local);
            value = Backward.of(outputs, batch, pass.objective());
            gradient = taken(leaf, local);
        }
        LayerBatch rows = forward.rows(batch, local);
        for (int layer = layers - 1; layer >= Math.max(0, lowest); layer--) {
            gradient = through(forward, layer, rows, gradient, local);
        }
        if (lowest < 0) {
            Recording.backward(forward.embed(batch, local), gradient);
        }
        gradient.close();
        return value;
    }

    private NDArray through(ForwardPass forward, int layer, LayerBatch rows, NDArray gradient, NDManager local) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray leaf = Recording.leaf(streams.get(layer));
            NDArray next = forward.layer(layer, leaf, rows);
            NDScope.register(next);
            NDArray before = Recording.backward(next, gradient) ? taken(leaf, local) : leaf.zerosLike();
            NDScope.unregister(before);
            before.attach(local);
            return before;
        } finally {
            gradient.close();
        }
    }

    private static NDArray taken(NDArray leaf, NDManager local) {
        NDArray gradient = leaf.getGradient();
        NDScope.unregister(gradient);
        gradient.attach(local);
        return gradient;
    }

    /** Returns the layer that a point belongs to; −1 for the embedding, and the number of layers after the last. */
    private static int part(HookPoint point, int layers) {
        boolean after = point.reach() == HookKind.Reach.READOUT || point.reach() == HookKind.Reach.POOLED;
        return after ? layers : point.layer();
    }

    @Override
    public void close() {
        manager.close();
    }
}
