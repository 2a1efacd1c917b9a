package dev.kausal.engine.certify;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.MeanOf;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Runs a sweep of patches and ablations with the compiled executor and with one whole pass per cell. */
final class BothExecutors {
    private static final long BUDGET = 1L << 30;

    private BothExecutors() {}

    /** Returns the largest difference, relative to the larger of 1 and the plain executor's value. */
    static Certificate.Check compare(HookedModel model, List<Input> inputs, double bound) {
        SweepPlan plan = plan(model, inputs);
        List<CellOutcome> plain = new PlainExecutor().execute(model, plan, done -> {});
        List<CellOutcome> wave = new BatchedExecutor(BUDGET).execute(model, plan, done -> {});
        double worst = 0;
        int where = 0;
        for (int i = 0; i < plain.size(); i++) {
            double value = plain.get(i).value();
            double gap = Math.abs(wave.get(i).value() - value) / Math.max(1, Math.abs(value));
            if (!(gap <= worst) && !Double.isNaN(worst)) {
                worst = gap;
                where = i;
            }
        }
        List<Edit> edits = plan.cells().get(where).edits();
        return new Certificate.Check(
                "sweep of " + plain.size() + " cells, compiled against one pass each, relative",
                worst,
                bound,
                worst == 0 || edits.isEmpty() ? "" : edits.get(0).site());
    }

    private static SweepPlan plan(HookedModel model, List<Input> inputs) {
        List<Run> runs = inputs.stream().map(input -> new Run(input, List.of())).toList();
        int outputs = model.config().outputs();
        Metric metric = outputs == 1 ? new Logit(0) : new LogitDifference(0, outputs - 1);
        int last = Math.min(inputs.get(0).length(), inputs.get(1).length()) - 1;
        int layers = model.config().layers();
        List<Cell> cells = new ArrayList<>();
        cells.add(new Cell(0, List.of(), metric));
        for (int layer : IntStream.of(0, layers / 2, layers - 1).distinct().toArray()) {
            for (int position : IntStream.of(0, last / 2, last).distinct().toArray()) {
                for (HookKind kind : List.of(HookKind.RESID_PRE, HookKind.ATTN_OUT, HookKind.MLP_OUT, HookKind.POST)) {
                    PositionRange at = PositionRange.at(position);
                    cells.add(cell(kind, layer, at, Part.ALL, new FromRun(1, at), metric));
                }
            }
            for (int head :
                    IntStream.of(0, model.config().heads() - 1).distinct().toArray()) {
                cells.add(cell(HookKind.Z, layer, PositionRange.ALL, new Part.Head(head), new Zero(), metric));
                cells.add(cell(
                        HookKind.Z, layer, PositionRange.ALL, new Part.Head(head), new MeanOf(List.of(0, 1)), metric));
            }
        }
        return new SweepPlan(runs, cells);
    }

    private static Cell cell(
            HookKind kind, int layer, PositionRange rows, Part part, Replacement value, Metric metric) {
        return new Cell(0, List.of(new Edit(kind.name(layer), rows, part, value)), metric);
    }
}
