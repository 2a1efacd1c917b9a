package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.edits.AddedRows;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Exact effects of single edges: the reader sees the corrupted run's output of the writer in place of the clean run's,
 * and everything after it is computed again.
 *
 * <p>An edge is an edit of its reader's input, so a plan computes only the rows below it. Nothing before the reader
 * changes: what the writer puts out in such a run is what it puts out in the clean one.
 */
public final class EdgePatching {
    private final HookedModel model;
    private final EdgeGraph graph;
    private final EdgePair pair;
    private final float[][] differences;
    private final PositionRange rows;

    /** Runs both inputs once and keeps the differences of what writers add to the stream. */
    public EdgePatching(HookedModel model, EdgeGraph graph, EdgePair pair) {
        Torch.inference();
        pair.check(model.config());
        this.model = model;
        this.graph = graph;
        this.pair = pair;
        this.rows = new PositionRange(firstDifference(), pair.length() - 1);
        try (Scope scope = model.device().scope();
                WriterOutputs outputs =
                        WriterOutputs.of(model, List.of(pair.clean(), pair.corrupted()), scope.manager())) {
            NDArray all = outputs.exactDifferences(graph, new OutputNorm(model));
            this.differences = new float[graph.writers().size()][];
            for (int writer = 0; writer < differences.length; writer++) {
                differences[writer] = all.get(writer).toFloatArray();
            }
        }
    }

    /** Returns the first position whose activations can differ: tokens before the first different one see the same. */
    private int firstDifference() {
        ModelConfig config = model.config();
        if (config.readsImages() || !config.attention().causal()) {
            return 0;
        }
        return Math.min(pair.clean().equalPrefix(pair.corrupted()), pair.length() - 1);
    }

    /**
     * Returns the metric of the clean input with each of {@code edges} patched.
     *
     * @param edges numbers as in {@link EdgeGraph}
     * @return [edge], in the metric's unit; logarithmic ones in nats
     */
    public double[] metrics(List<Integer> edges, Executor executor) {
        Run clean = new Run(pair.clean(), pair.read(), List.of());
        List<Cell> cells = new ArrayList<>();
        for (int edge : edges) {
            cells.add(new Cell(0, List.of(edit(edge)), pair.metric()));
        }
        return executor.execute(model, new SweepPlan(List.of(clean), cells), done -> {}).stream()
                .mapToDouble(CellOutcome::value)
                .toArray();
    }

    private Edit edit(int edge) {
        Port port = graph.readers().get(graph.reader(edge)).port();
        float[] values = differences[graph.writer(edge)];
        return new Edit(port.site(), rows, port.part(), new AddedRows(values, values.length / pair.length(), rows));
    }
}
