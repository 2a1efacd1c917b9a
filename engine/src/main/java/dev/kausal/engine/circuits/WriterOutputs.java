package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.forward.HeadOutputs;
import dev.kausal.engine.forward.OutputNorm;
import dev.kausal.engine.gradients.EmbeddingPath;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Slices;
import java.util.List;
import java.util.stream.IntStream;

/** What the writers of an {@link EdgeGraph} put out in runs of equally long inputs. */
final class WriterOutputs implements AutoCloseable {
    private final HeadOutputs results;
    private final ActivationCache cache;

    private WriterOutputs(HookedModel model, ActivationCache cache) {
        this.results = new HeadOutputs(model.transformer());
        this.cache = cache;
    }

    /** Runs the inputs as one batch. */
    static WriterOutputs of(HookedModel model, List<Input> inputs, NDManager owner) {
        Hooks hooks = new Hooks(model.points());
        ActivationCache cache = hooks.capture(WriterOutputs::kept, owner);
        try (NDManager local = model.device().manager()) {
            int[] ends = inputs.stream().mapToInt(input -> input.length() - 1).toArray();
            model.outputsAt(inputs, ends, hooks, local);
            return new WriterOutputs(model, cache);
        } catch (RuntimeException e) {
            cache.close();
            throw e;
        }
    }

    /** Heads are kept as weighted values, which are narrower than what they put out. */
    private static boolean kept(HookPoint point) {
        return point.kind() == HookKind.Z
                || point.name().equals(EmbeddingPath.SITE)
                || (shows(point) && point.kind() != HookKind.RESULT);
    }

    /** Returns whether a point shows what a writer puts out. */
    static boolean shows(HookPoint point) {
        return (point.kind() == HookKind.RESID_PRE && point.layer() == 0)
                || point.kind() == HookKind.RESULT
                || point.kind() == HookKind.MLP_OUT;
    }

    /** Returns the stream that enters the first layer [input, position, d_model]. */
    NDArray embed() {
        return cache.get(HookKind.RESID_PRE.name(0));
    }

    /** Returns the outputs of a layer's heads, before any norm [input, position, head, d_model], in the open NDScope. */
    NDArray heads(int layer) {
        return results.of(layer, cache.get(HookKind.Z.name(layer)));
    }

    /** Returns what a layer's MLP adds to the stream [input, position, d_model]. */
    NDArray mlp(int layer) {
        return cache.get(HookKind.MLP_OUT.name(layer));
    }

    /** Returns the lines from the embeddings of the second half of the inputs to those of the first, in the open NDScope. */
    EmbeddingPath path(int steps) {
        NDArray all = cache.get(EmbeddingPath.SITE);
        return new EmbeddingPath(single(second(all)), single(first(all)), steps);
    }

    private static List<NDArray> single(NDArray inputs) {
        return IntStream.range(0, (int) inputs.getShape().get(0))
                .mapToObj(input -> Slices.of(inputs, 0, input, input + 1))
                .toList();
    }

    /** How the difference of a head's output passes the norm of its layer: norm's input and difference to what it adds. */
    @FunctionalInterface
    private interface Through {
        NDArray of(int layer, NDArray input, NDArray difference);
    }

    /**
     * Returns what the outputs of the second half of the inputs add to the stream in place of those of the first half, to
     * first order if a norm lies between them and the stream: [pair, writer, position * d_model], in the open NDScope.
     */
    NDArray differences(EdgeGraph graph, OutputNorm norm, NDManager owner) {
        return differences(graph, norm, norm::linear, owner);
    }

    /** Returns the same, each writer alone through the norm. */
    NDArray exactDifferences(EdgeGraph graph, OutputNorm norm, NDManager owner) {
        return differences(graph, norm, norm::exact, owner);
    }

    private NDArray differences(EdgeGraph graph, OutputNorm norm, Through through, NDManager owner) {
        Shape one = embed().getShape();
        long pairs = one.get(0) / 2;
        NDArray all = owner.zeros(new Shape(pairs, graph.writers().size(), one.get(1), one.get(2)));
        put(all, 0, change(embed()).expandDims(1));
        for (int layer = 0; layer < graph.layers(); layer++) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                int head = graph.firstHead(layer);
                put(all, head, added(layer, norm, through));
                put(all, head + graph.heads(), change(mlp(layer)).expandDims(1));
            }
        }
        return all.reshape(pairs, graph.writers().size(), -1);
    }

    /** Returns the changes of what a layer's heads add to the stream [pair, head, position, d_model]. */
    private NDArray added(int layer, OutputNorm norm, Through through) {
        NDArray change =
                results.of(layer, change(cache.get(HookKind.Z.name(layer)))).transpose(0, 2, 1, 3);
        if (!norm.present()) {
            return change;
        }
        NDArray input = norm.input(layer, first(heads(layer))).expandDims(1);
        return through.of(layer, input, change);
    }

    /** Stores changes [pair, writer, position, d_model] from writer {@code first} on. */
    private static void put(NDArray all, int first, NDArray changes) {
        Slices.of(all, 1, first, first + changes.getShape().get(1)).addi(changes);
    }

    private static NDArray change(NDArray all) {
        return second(all).sub(first(all));
    }

    private static NDArray first(NDArray all) {
        return Slices.of(all, 0, 0, all.getShape().get(0) / 2);
    }

    private static NDArray second(NDArray all) {
        long inputs = all.getShape().get(0);
        return Slices.of(all, 0, inputs / 2, inputs);
    }

    @Override
    public void close() {
        cache.close();
    }
}
