package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.forward.ForwardPass;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * Runs circuits: sets of edges of one pair that are kept, while all others carry the corrupted run's outputs.
 *
 * <p>Every reader sees its own input plus, for each missing edge, the writer's output in the corrupted run minus that in
 * this very run. Interventions compound: a kept edge carries what the circuit computes, not the clean run's output. No
 * edge kept gives the corrupted run, all kept the clean one. Several circuits run as one batch.
 */
public final class CircuitRun implements AutoCloseable {
    /** Packed rows of one batch. */
    private static final int ROWS = 256;

    private final HookedModel model;
    private final EdgeGraph graph;
    private final EdgePair pair;
    private final NDManager manager;
    private final WriterOutputs corrupted;

    /** Runs the corrupted input once and keeps its writers' outputs. */
    public CircuitRun(HookedModel model, EdgeGraph graph, EdgePair pair) {
        Torch.inference();
        pair.check(model.config());
        this.model = model;
        this.graph = graph;
        this.pair = pair;
        this.manager = model.device().manager();
        try {
            this.corrupted = WriterOutputs.of(model, List.of(pair.corrupted()), manager);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Returns the metric of each circuit: edges of the graph that are kept. */
    public double[] metrics(List<BitSet> circuits) {
        Torch.inference();
        int together = Math.max(1, ROWS / pair.length());
        double[] values = new double[circuits.size()];
        for (int from = 0; from < values.length; from += together) {
            List<BitSet> some = circuits.subList(from, Math.min(values.length, from + together));
            double[] found = batch(some);
            System.arraycopy(found, 0, values, from, found.length);
        }
        return values;
    }

    private double[] batch(List<BitSet> circuits) {
        try (Scope scope = model.device().scope()) {
            NDManager local = scope.manager();
            int count = circuits.size();
            List<Input> inputs = new ArrayList<>(Collections.nCopies(count, pair.clean()));
            Hooks hooks = new Hooks(model.points());
            MissingEdges missing = new MissingEdges(model, graph, corrupted, circuits, local);
            missing.addTo(hooks);
            ForwardPass pass = new ForwardPass(model.transformer(), hooks);
            return pair.metrics(pass.run(InputBatch.of(model.config(), inputs), pair.rows(count), local), count);
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
