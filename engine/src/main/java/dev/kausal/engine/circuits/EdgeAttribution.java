package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.estimates.LayerDrops;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.forward.OutputNorm;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Estimates of the change of a metric if one edge alone carries the corrupted run's output (edge attribution patching,
 * Syed et al. 2023): the difference of the writer's outputs times the gradient at the reader's own input. An edge that
 * helps the clean run is negative.
 *
 * <p>The gradient is that of the clean run, or the mean over points k/m, k = 0..m−1, of the line from the corrupted
 * embedding to the clean one (EAP-IG, Hanna et al. 2024). All edges of a pair are one product of matrices.
 *
 * <p>With the softmax computed again, edges into queries and keys have the change of the pattern times the gradient there. By rules
 * that are {@link Linearisation#unsigned}, scores are sizes and have no sign.
 */
public final class EdgeAttribution {
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
            EdgeAttribution own = new EdgeAttribution(model, graph, pair, outputs, steps);
            if (rules.softmax() != Linearisation.Softmax.COMPUTED) {
                return own.scores(rules, null);
            }
            NDArray exact = outputs.exactDifferences(graph, new OutputNorm(model.transformer()));
            try (AttendedEdges attended =
                    new AttendedEdges(model, graph, own.pass(rules), exact, scope.manager(), rules.unsigned())) {
                return own.scores(rules, attended);
            }
        }
    }

    private final HookedModel model;
    private final EdgeGraph graph;
    private final EdgePair pair;
    private final WriterOutputs outputs;
    private final NDArray differences;
    private final int steps;

    private EdgeAttribution(HookedModel model, EdgeGraph graph, EdgePair pair, WriterOutputs outputs, int steps) {
        this.model = model;
        this.graph = graph;
        this.pair = pair;
        this.outputs = outputs;
        this.differences = outputs.differences(graph, new OutputNorm(model.transformer()));
        this.steps = steps;
    }

    private RecordedPass pass(Linearisation rules) {
        return new RecordedPass(model, List.of(pair.clean()), new Hooks(model.points()), pair.objective(), rules);
    }

    /**
     * Returns the scores of all edges, or the means of their sizes over passes that each lack what one layer writes.
     *
     * @param attended edges through the softmax; null if its slope is used
     */
    private double[] scores(Linearisation rules, @Nullable AttendedEdges attended) {
        if (!rules.unsigned()) {
            return ofPass(pass(rules), attended);
        }
        LayerDrops drops = new LayerDrops(model.config());
        double[] sums = new double[graph.size()];
        for (int layer = 0; layer < graph.layers(); layer++) {
            double[] found = ofPass(pass(rules.without(layer)), attended);
            for (int edge = 0; edge < sums.length; edge++) {
                sums[edge] += Math.abs(found[edge]);
            }
        }
        for (int edge = 0; edge < sums.length; edge++) {
            Reader reader = graph.readers().get(graph.reader(edge));
            sums[edge] /=
                    drops.passes(List.of(model.points().named(reader.port().site())));
        }
        return sums;
    }

    private double[] ofPass(RecordedPass pass, @Nullable AttendedEdges attended) {
        Predicate<HookPoint> which =
                point -> reads(point, graph.layers() - 1) || (attended != null && AttendedEdges.at(point));
        try (Scope scope = model.device().scope()) {
            NDManager owner = scope.manager();
            if (steps == 0) {
                try (Gradients found = Gradients.of(pass, which, owner)) {
                    return edges(found::get, attended);
                }
            }
            try (PathGradients found = PathGradients.of(pass, outputs.path(steps), which, owner)) {
                return edges(found::get, attended);
            }
        }
    }

    private double[] edges(Function<String, NDArray> gradient, @Nullable AttendedEdges attended) {
        NDArray gradients = stacked(graph, gradient);
        double[] edges =
                reaching(graph, differences.matMul(gradients.transpose()).toFloatArray());
        if (attended != null) {
            attended.write(gradient, edges);
        }
        return edges;
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

    private static boolean reads(HookPoint point, int lastLayer) {
        return Arrays.stream(Reader.Kind.values()).anyMatch(kind -> kind.at(point, lastLayer));
    }

    /** Returns gradients in the order of the graph's readers [reader, position * d_model]. */
    private static NDArray stacked(EdgeGraph graph, Function<String, NDArray> gradient) {
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
        return NDArrays.concat(rows);
    }
}
