package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.gradients.EmbeddingPath;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.PathGradients;
import dev.kausal.engine.gradients.RecordedPass;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Torch;
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
            NDArray gradients = steps == 0 ? gradients(pass, owner) : gradients(pass, pair, steps, owner);
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
    private static NDArray gradients(RecordedPass pass, NDManager owner) {
        ModelConfig config = pass.model().config();
        try (Gradients found = Gradients.of(pass, point -> reads(point, config.layers() - 1), owner)) {
            return stacked(config, found::get, owner);
        }
    }

    /** Returns their means over the line of embeddings. */
    private static NDArray gradients(RecordedPass pass, EdgePair pair, int steps, NDManager owner) {
        ModelConfig config = pass.model().config();
        EmbeddingPath path =
                EmbeddingPath.between(pass.model(), List.of(pair.corrupted()), List.of(pair.clean()), steps, owner);
        try (PathGradients found = PathGradients.of(pass, path, point -> reads(point, config.layers() - 1), owner)) {
            return stacked(config, found::get, owner);
        }
    }

    private static boolean reads(HookPoint point, int lastLayer) {
        boolean ofBlock = point.kind() == HookKind.Q_INPUT
                || point.kind() == HookKind.K_INPUT
                || point.kind() == HookKind.V_INPUT
                || point.kind() == HookKind.MLP_IN;
        return ofBlock || (point.kind() == HookKind.RESID_POST && point.layer() == lastLayer);
    }

    private static NDArray stacked(ModelConfig config, Function<String, NDArray> gradient, NDManager owner) {
        NDList rows = new NDList();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (HookKind kind : List.of(HookKind.Q_INPUT, HookKind.K_INPUT, HookKind.V_INPUT)) {
                NDArray perHead = gradient.apply(kind.name(layer)).squeeze(0).transpose(1, 0, 2);
                rows.add(perHead.reshape(perHead.getShape().get(0), -1));
            }
            rows.add(gradient.apply(HookKind.MLP_IN.name(layer)).reshape(1, -1));
        }
        rows.add(gradient.apply(HookKind.RESID_POST.name(config.layers() - 1)).reshape(1, -1));
        NDArray stacked = NDArrays.concat(rows);
        stacked.attach(owner);
        return stacked;
    }
}
