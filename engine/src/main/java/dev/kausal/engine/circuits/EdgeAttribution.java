package dev.kausal.engine.circuits;

import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.ParallelGroups;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Estimates of the change of a metric if one edge alone carries the corrupted run's output (edge attribution patching,
 * Syed et al. 2023): the difference of the writer's outputs times the gradient at the reader's own input. An edge that
 * helps the clean run is negative.
 *
 * <p>The gradient is that of the clean run, or the mean over points k/m, k = 0..m−1, of the line from the corrupted
 * embedding to the clean one (EAP-IG, Hanna et al. 2024). Pairs of one length run as one batch, with as many points as are
 * faster together; the edges into one layer's readers are one product of matrices for each pair.
 *
 * <p>With the softmax computed again, edges into queries and keys have the change of the pattern times the gradient there. By rules
 * that are {@link Linearisation#unsigned}, scores are sizes and have no sign.
 */
public final class EdgeAttribution {
    /** Returns the estimates of one pair; see {@link #of(HookedModel, EdgeGraph, List, int, Linearisation, long)}. */
    public static double[] of(HookedModel model, EdgeGraph graph, EdgePair pair, int steps, Linearisation rules) {
        return of(model, graph, List.of(pair), steps, rules, 0)[0];
    }

    /**
     * Estimates all edges of pairs.
     *
     * @param graph edges of {@code model}
     * @param steps points of the line of embeddings; 0 for the gradient of the clean run
     * @param rules how gradients flow back
     * @param budget bytes beyond the weights; a batch has one pair at least
     * @return for each pair one number per edge of {@code graph}, in its order; in the metric's unit, logarithmic ones in nats
     * @throws dev.kausal.engine.gradients.ObjectiveException if a metric has no gradient
     */
    public static double[][] of(
            HookedModel model, EdgeGraph graph, List<EdgePair> pairs, int steps, Linearisation rules, long budget) {
        Torch.inference();
        pairs.forEach(pair -> pair.check(model.config()));
        EdgeBatches.Division division = new EdgeBatches(
                        model.config(),
                        steps,
                        rules,
                        budget,
                        Torch.threads(),
                        model.device().tuning())
                .of(pairs);
        double[][] scores = new double[pairs.size()][];
        List<Runnable> parts = new ArrayList<>();
        for (EdgeBatches.Batch batch : division.batches()) {
            List<Integer> numbers = batch.pairs();
            PairBatch own = new PairBatch(numbers.stream().map(pairs::get).toList());
            parts.add(() -> {
                double[][] found = new AttributedBatch(model, graph, own, steps, batch.points()).scores(rules);
                for (int i = 0; i < found.length; i++) {
                    scores[numbers.get(i)] = found[i];
                }
            });
        }
        ParallelGroups.run(division.lanes(), parts);
        return scores;
    }

    private EdgeAttribution() {}
}
