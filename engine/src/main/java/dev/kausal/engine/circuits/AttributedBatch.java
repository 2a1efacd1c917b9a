package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.estimates.LayerDrops;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.forward.OutputNorm;
import dev.kausal.engine.gradients.EmbeddingPath;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.RecordedPass;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The estimates of all edges of pairs that run together: the differences of writers times the gradients at readers. */
final class AttributedBatch {
    private final HookedModel model;
    private final EdgeGraph graph;
    private final PairBatch batch;
    private final int steps;
    private final int together;

    AttributedBatch(HookedModel model, EdgeGraph graph, PairBatch batch, int steps, int together) {
        this.model = model;
        this.graph = graph;
        this.batch = batch;
        this.steps = steps;
        this.together = together;
    }

    /** Returns the scores [pair][edge]. */
    double[][] scores(Linearisation rules) {
        Torch.inference();
        try (Scope scope = model.device().scope();
                WriterOutputs outputs = WriterOutputs.of(model, batch.inputs(), scope.manager())) {
            if (rules.softmax() != Linearisation.Softmax.COMPUTED) {
                return rules.unsigned()
                        ? sizes(rules, outputs, List.of(), scope.manager())
                        : slopes(rules, outputs, List.of(), scope.manager());
            }
            List<AttendedEdges> attended = new ArrayList<>();
            try {
                NDArray exact = outputs.exactDifferences(graph, new OutputNorm(model.transformer()), scope.manager());
                for (int i = 0; i < batch.size(); i++) {
                    attended.add(attended(i, rules, exact, scope.manager()));
                }
                return rules.unsigned()
                        ? sizes(rules, outputs, attended, scope.manager())
                        : slopes(rules, outputs, attended, scope.manager());
            } finally {
                attended.forEach(AttendedEdges::close);
            }
        }
    }

    private AttendedEdges attended(int pair, Linearisation rules, NDArray differences, NDManager owner) {
        RecordedPass pass = new PairBatch(batch.pairs().subList(pair, pair + 1)).pass(model, rules, 1);
        NDArray own = Slices.of(differences, 0, pair, pair + 1).squeeze(0);
        return new AttendedEdges(model, graph, pass, own, owner, rules.unsigned());
    }

    private double[][] slopes(
            Linearisation rules, WriterOutputs outputs, List<AttendedEdges> attended, NDManager owner) {
        try (ReaderGradients gradients = gradients(rules, outputs, !attended.isEmpty(), owner)) {
            return edges(differences(outputs, owner), gradients, attended);
        }
    }

    private NDArray differences(WriterOutputs outputs, NDManager owner) {
        return outputs.differences(graph, new OutputNorm(model.transformer()), owner);
    }

    /** Returns the means of the sizes of scores over passes that each lack what one layer writes. */
    private double[][] sizes(
            Linearisation rules, WriterOutputs outputs, List<AttendedEdges> attended, NDManager owner) {
        NDArray differences = differences(outputs, owner);
        LayerDrops drops = new LayerDrops(model.config());
        double[][] sums = new double[batch.size()][graph.size()];
        for (int layer = 0; layer < graph.layers(); layer++) {
            try (ReaderGradients gradients = gradients(rules.without(layer), outputs, !attended.isEmpty(), owner)) {
                double[][] found = edges(differences, gradients, attended);
                for (int pair = 0; pair < sums.length; pair++) {
                    for (int edge = 0; edge < graph.size(); edge++) {
                        sums[pair][edge] += Math.abs(found[pair][edge]);
                    }
                }
            }
        }
        for (int edge = 0; edge < graph.size(); edge++) {
            Reader reader = graph.readers().get(graph.reader(edge));
            double passes =
                    drops.passes(List.of(model.points().named(reader.port().site())));
            for (double[] sum : sums) {
                sum[edge] /= passes;
            }
        }
        return sums;
    }

    /** Runs the passes of all points. */
    private ReaderGradients gradients(Linearisation rules, WriterOutputs outputs, boolean patterns, NDManager owner) {
        Predicate<HookPoint> which =
                point -> ReaderGradients.at(point, graph.layers() - 1) || (patterns && AttendedEdges.at(point));
        ReaderGradients means = new ReaderGradients(model, batch.size(), rules, owner);
        try (Scope scope = model.device().scope()) {
            EmbeddingPath path = steps == 0 ? null : outputs.path(steps);
            for (int from = 0; from < Math.max(1, steps); from += together) {
                int to = Math.min(Math.max(1, steps), from + together);
                RecordedPass pass = batch.pass(model, rules, to - from);
                if (path != null) {
                    path.replace(pass.hooks(), from, to);
                }
                try (ActivationCache norms = pass.hooks().capture(ReaderGradients::reads, scope.manager());
                        Gradients found = Gradients.of(pass, which, scope.manager())) {
                    means.add(found, norms, to - from);
                }
            }
            return means;
        } catch (RuntimeException e) {
            means.close();
            throw e;
        }
    }

    private double[][] edges(NDArray differences, ReaderGradients gradients, List<AttendedEdges> attended) {
        double[][] edges = new double[batch.size()][graph.size()];
        for (int layer = 0; layer < graph.layers(); layer++) {
            int of = layer;
            into(graph.firstReader(Reader.Kind.QUERY, layer), differences, () -> gradients.heads(of), edges);
            into(Reader.Kind.MLP, layer, differences, gradients, edges);
        }
        into(Reader.Kind.LOGITS, graph.layers() - 1, differences, gradients, edges);
        for (int pair = 0; pair < attended.size(); pair++) {
            int own = pair;
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                attended.get(pair).write(name -> Slices.of(gradients.at(name), 0, own, own + 1), edges[pair]);
            }
        }
        return edges;
    }

    private void into(Reader.Kind kind, int layer, NDArray differences, ReaderGradients gradients, double[][] edges) {
        String site = kind.point().name(layer);
        into(
                graph.firstReader(kind, layer),
                differences,
                () -> gradients.at(site).reshape(batch.size(), 1, -1),
                edges);
    }

    /** Writes the scores of the edges into consecutive readers of one layer. */
    private void into(int first, NDArray differences, Supplier<NDArray> gradients, double[][] edges) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray own = gradients.get();
            int readers = (int) own.getShape().get(1);
            int sources = graph.sources(first);
            float[] scores = Slices.of(differences, 1, 0, sources)
                    .matMul(own.transpose(0, 2, 1))
                    .toFloatArray();
            int next = 0;
            for (double[] pair : edges) {
                for (int writer = 0; writer < sources; writer++) {
                    for (int reader = first; reader < first + readers; reader++) {
                        pair[graph.edge(writer, reader)] = scores[next++];
                    }
                }
            }
        }
    }
}
