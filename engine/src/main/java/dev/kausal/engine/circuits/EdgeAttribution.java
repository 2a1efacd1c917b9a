package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.gradients.EmbeddingPath;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.PathGradients;
import dev.kausal.engine.gradients.RecordedPass;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Estimates of the change of a metric if one edge alone carries the corrupted run's output (edge attribution patching,
 * Syed et al. 2023): the difference of the writer's outputs times the gradient at the reader's own input. An edge that
 * helps the clean run is negative.
 *
 * <p>The gradient is that of the clean run, or the mean over points k/m, k = 0..m−1, of the line from the corrupted
 * embedding to the clean one (EAP-IG, Hanna et al. 2024). All edges of a pair are one product of matrices.
 */
public final class EdgeAttribution {
    private EdgeAttribution() {}

    /**
     * Returns one number per edge of {@code graph}, in its order.
     *
     * @param graph edges of {@code model}
     * @param steps points of the line of embeddings; 0 for the gradient of the clean run
     * @param rules how gradients flow back
     * @return in the metric's unit; logarithmic ones in nats
     * @throws dev.kausal.engine.gradients.ObjectiveException if the metric has no gradient
     */
    public static double[] of(HookedModel model, EdgeGraph graph, EdgePair pair, int steps, Linearisation rules) {
        Torch.inference();
        pair.check(model.config());
        try (Scope scope = model.device().scope();
                WriterOutputs outputs =
                        WriterOutputs.of(model, List.of(pair.clean(), pair.corrupted()), scope.manager())) {
            NDManager owner = scope.manager();
            NDArray differences = outputs.differences(graph, new OutputNorm(model));
            RecordedPass pass =
                    new RecordedPass(model, List.of(pair.clean()), new Hooks(model.points()), pair.objective(), rules);
            NDArray gradients =
                    steps == 0 ? gradients(pass, graph, owner) : gradients(pass, graph, outputs.path(steps), owner);
            NDArray scores = differences.matMul(gradients.transpose());
            return reaching(graph, scores.toFloatArray());
        }
    }

    /** Takes the scores [writer, reader] of edges. */
    private static double[] reaching(EdgeGraph graph, float[] scores) {
        int readers = graph.readers().size();
        double[] edges = new double[graph.size()];
        int next = 0;
        for (int reader = 0; reader < readers; reader++) {
            for (int writer = 0; writer < graph.sources(reader); writer++) {
                edges[next++] = scores[writer * readers + reader];
            }
        }
        return edges;
    }

    /** Returns the gradients at the readers [reader, position * d_model], in the open NDScope. */
    private static NDArray gradients(RecordedPass pass, EdgeGraph graph, NDManager owner) {
        try (Gradients found = Gradients.of(pass, point -> reads(point, graph.layers() - 1), owner)) {
            return stacked(graph, found::get, owner);
        }
    }

    /** Returns their means over the line of embeddings. */
    private static NDArray gradients(RecordedPass pass, EdgeGraph graph, EmbeddingPath path, NDManager owner) {
        try (PathGradients found = PathGradients.of(pass, path, point -> reads(point, graph.layers() - 1), owner)) {
            return stacked(graph, found::get, owner);
        }
    }

    private static boolean reads(HookPoint point, int lastLayer) {
        return Arrays.stream(Reader.Kind.values()).anyMatch(kind -> kind.at(point, lastLayer));
    }

    /** Returns gradients in the order of the graph's readers [reader, position * d_model]. */
    private static NDArray stacked(EdgeGraph graph, Function<String, NDArray> gradient, NDManager owner) {
        NDList rows = new NDList();
        List<Reader> readers = graph.readers();
        for (int next = 0;
                next < readers.size();
                next += graph.readers(readers.get(next).kind())) {
            Reader reader = readers.get(next);
            NDArray found = gradient.apply(reader.port().site());
            NDArray byHead = reader.kind().perHead() ? found.squeeze(0).transpose(1, 0, 2) : found;
            rows.add(byHead.reshape(graph.readers(reader.kind()), -1));
        }
        NDArray stacked = NDArrays.concat(rows);
        stacked.attach(owner);
        return stacked;
    }
}
