package dev.kausal.engine.circuits;

import dev.kausal.engine.edits.EdgeFromRun;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Exact effects of single edges: the reader sees the corrupted run's output of the writer in place of the clean run's,
 * and everything after it is computed again.
 *
 * <p>An edge is an edit of its reader's input ({@link EdgeFromRun}), so a plan computes only the rows below it. Nothing
 * before the reader changes: what the writer puts out in such a run is what it puts out in the clean one.
 */
public final class EdgePatching {
    private static final FromRun CLEAN = new FromRun(0, PositionRange.ALL);
    private static final FromRun CORRUPTED = new FromRun(1, PositionRange.ALL);

    private final HookedModel model;
    private final EdgeGraph graph;
    private final EdgePair pair;

    /** Creates the edges of {@code graph} between the runs of {@code pair}. */
    public EdgePatching(HookedModel model, EdgeGraph graph, EdgePair pair) {
        Torch.inference();
        pair.check(model.config());
        this.model = model;
        this.graph = graph;
        this.pair = pair;
    }

    /**
     * Returns the metric of the clean input with each of {@code edges} patched.
     *
     * @param edges numbers as in {@link EdgeGraph}
     * @return [edge], in the metric's unit; logarithmic ones in nats
     */
    public double[] metrics(List<Integer> edges, Executor executor) {
        Run clean = new Run(pair.clean(), pair.read(), List.of());
        Run corrupted = new Run(pair.corrupted(), pair.read(), List.of());
        List<Cell> cells = new ArrayList<>();
        for (int edge : edges) {
            cells.add(new Cell(0, List.of(edit(edge)), pair.metric()));
        }
        return executor.execute(model, new SweepPlan(List.of(clean, corrupted), cells), done -> {}).stream()
                .mapToDouble(CellOutcome::value)
                .toArray();
    }

    private Edit edit(int edge) {
        Port reader = graph.readers().get(graph.reader(edge)).port();
        Port writer = graph.output(graph.writer(edge));
        EdgeFromRun value = new EdgeFromRun(CORRUPTED, CLEAN, model.points().named(writer.site()), writer.part());
        return new Edit(reader.site(), PositionRange.ALL, reader.part(), value);
    }
}
