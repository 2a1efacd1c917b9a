package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.forward.OutputNorm;
import dev.kausal.engine.gradients.EmbeddingPath;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Slices;
import java.util.List;

/** What the writers of an {@link EdgeGraph} put out in runs of equally long inputs. */
final class WriterOutputs implements AutoCloseable {
    private final ActivationCache cache;

    private WriterOutputs(ActivationCache cache) {
        this.cache = cache;
    }

    /** Runs the inputs as one batch. */
    static WriterOutputs of(HookedModel model, List<Input> inputs, NDManager owner) {
        Hooks hooks = new Hooks(model.points());
        ActivationCache cache =
                hooks.capture(point -> shows(point) || point.name().equals(EmbeddingPath.SITE), owner);
        try (NDManager local = model.device().manager()) {
            int[] ends = inputs.stream().mapToInt(input -> input.length() - 1).toArray();
            model.outputsAt(inputs, ends, hooks, local);
            return new WriterOutputs(cache);
        } catch (RuntimeException e) {
            cache.close();
            throw e;
        }
    }

    /** Returns whether a point shows what a writer puts out. */
    static boolean shows(HookPoint point) {
        return (point.kind() == HookKind.RESID_PRE && point.layer() == 0)
                || point.kind() == HookKind.RESULT
                || point.kind() == HookKind.MLP_OUT;
    }

    /** Returns the line from the second input's embedding to the first's, in the open NDScope. */
    EmbeddingPath path(int steps) {
        NDArray both = cache.get(EmbeddingPath.SITE);
        return new EmbeddingPath(List.of(second(both)), List.of(first(both)), steps);
    }

    /** Returns the stream that enters the first layer [input, position, d_model]. */
    NDArray embed() {
        return cache.get(HookKind.RESID_PRE.name(0));
    }

    /** Returns the outputs of a layer's heads, before any norm [input, position, head, d_model]. */
    NDArray heads(int layer) {
        return cache.get(HookKind.RESULT.name(layer));
    }

    /** Returns what a layer's MLP adds to the stream [input, position, d_model]. */
    NDArray mlp(int layer) {
        return cache.get(HookKind.MLP_OUT.name(layer));
    }

    /** How the difference of a head's output passes the norm of its layer: norm's input and difference to what it adds. */
    @FunctionalInterface
    private interface Through {
        NDArray of(int layer, NDArray input, NDArray difference);
    }

    /**
     * Returns what the second input's outputs add to the stream in place of the first's, to first order if a norm lies
     * between them and the stream: [writer, position * d_model], in the open NDScope.
     */
    NDArray differences(EdgeGraph graph, OutputNorm norm) {
        return differences(graph, norm, norm::linear);
    }

    /** Returns the same, each writer alone through the norm. */
    NDArray exactDifferences(EdgeGraph graph, OutputNorm norm) {
        return differences(graph, norm, norm::exact);
    }

    private NDArray differences(EdgeGraph graph, OutputNorm norm, Through through) {
        NDList rows = new NDList();
        rows.add(flat(second(embed()).sub(first(embed()))));
        for (int layer = 0; layer < graph.layers(); layer++) {
            NDArray heads = second(heads(layer)).sub(first(heads(layer)));
            NDArray byHead = heads.squeeze(0).transpose(1, 0, 2);
            NDArray added = norm.present() ? through.of(layer, norm.input(layer, first(heads(layer))), byHead) : byHead;
            rows.add(added.reshape(graph.heads(), -1));
            rows.add(flat(second(mlp(layer)).sub(first(mlp(layer)))));
        }
        return NDArrays.concat(rows);
    }

    private static NDArray first(NDArray both) {
        return Slices.of(both, 0, 0, 1);
    }

    private static NDArray second(NDArray both) {
        return Slices.of(both, 0, 1, 2);
    }

    private static NDArray flat(NDArray one) {
        return one.reshape(1, -1);
    }

    @Override
    public void close() {
        cache.close();
    }
}
