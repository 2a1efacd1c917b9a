package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.EdgePair;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.graph.Component;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.function.Predicate;

/** Attribution patching of nodes: a writer's difference times the gradient at its own output. */
final class WriterScores {
    private WriterScores() {}

    /** Checks that the edges out of each writer sum to its score. */
    static void assertSums(HookedModel model, EdgeGraph graph, EdgePair pair, double[] edges) {
        double[] sums = new double[graph.writers().size()];
        double largest = 0;
        for (int edge = 0; edge < edges.length; edge++) {
            sums[graph.writer(edge)] += edges[edge];
            largest = Math.max(largest, Math.abs(edges[edge]));
        }
        double[] scores = scores(model, graph, pair);
        for (int writer = 0; writer < sums.length; writer++) {
            assertEquals(
                    scores[writer],
                    sums[writer],
                    1e-4 * largest,
                    graph.writers().get(writer).label());
        }
    }

    private static double[] scores(HookedModel model, EdgeGraph graph, EdgePair pair) {
        Predicate<HookPoint> written = point -> point.kind() == HookKind.RESULT
                || point.kind() == HookKind.MLP_OUT
                || (point.kind() == HookKind.RESID_PRE && point.layer() == 0);
        Objective objective = new Objective() {
            @Override
            public NDArray of(NDArray outputs, InputBatch batch) {
                return pair.metric().recorded(outputs, pair.clean().ids(), run -> new float[0]);
            }

            @Override
            public int[] rows(InputBatch batch) {
                return new int[] {pair.read()};
            }
        };
        try (NDManager manager = Torch.manager();
                Gradients found = Gradients.of(model, List.of(pair.clean()), objective, written, manager);
                ActivationCache corrupted = captured(model, pair.corrupted(), written, manager);
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            return graph.writers().stream()
                    .mapToDouble(writer -> score(writer, found, corrupted))
                    .toArray();
        }
    }

    /** Returns the activations of a plain run at the hook points that {@code which} selects. */
    static ActivationCache captured(HookedModel model, Input input, Predicate<HookPoint> which, NDManager manager) {
        Hooks hooks = new Hooks(model.points());
        ActivationCache cache = hooks.capture(which, manager);
        model.outputsAt(input, 0, hooks, manager);
        return cache;
    }

    private static double score(Component writer, Gradients found, ActivationCache corrupted) {
        Port port = writer.writer().orElseThrow();
        String site = writer instanceof Component.Embed ? HookKind.RESID_PRE.name(0) : port.site();
        NDArray change = corrupted.get(site).sub(found.activations().get(site)).mul(found.get(site));
        NDArray own = writer instanceof Component.Head head ? change.get(":,:," + head.head()) : change;
        double sum = 0;
        for (float number : own.toFloatArray()) {
            sum += number;
        }
        return sum;
    }
}
