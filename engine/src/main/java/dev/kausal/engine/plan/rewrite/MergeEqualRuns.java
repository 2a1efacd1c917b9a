package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.Edit;
import dev.kausal.engine.plan.Metric;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Reading;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.Value;
import dev.kausal.engine.plan.WavePlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Prompts that occur several times are run once. */
final class MergeEqualRuns implements Rewrite {
    /** What makes two runs the same. */
    private record Key(List<Integer> ids, List<Edit> edits) {}

    @Override
    public String name() {
        return "merge equal runs";
    }

    @Override
    public String reason() {
        return "the same tokens under the same edits give the same activations";
    }

    @Override
    public WavePlan apply(WavePlan plan) {
        Map<Key, Integer> found = new HashMap<>();
        List<Run> kept = new ArrayList<>();
        int[] moved = new int[plan.runs().size()];
        for (int i = 0; i < moved.length; i++) {
            Run run = plan.runs().get(i);
            boolean comparable = run.edits().stream().allMatch(MergeEqualRuns::comparable);
            Key key = new Key(IntStream.of(run.ids()).boxed().toList(), run.edits());
            moved[i] = comparable ? found.getOrDefault(key, kept.size()) : kept.size();
            if (moved[i] == kept.size()) {
                kept.add(run);
            }
            if (comparable) {
                found.put(key, moved[i]);
            }
        }
        return kept.size() == moved.length ? plan : moved(plan, kept, moved);
    }

    /** An author's function may answer differently each time; what reads other runs is left alone. */
    private static boolean comparable(Edit edit) {
        return edit.value() instanceof Value.Zero || edit.value() instanceof Value.Noise;
    }

    private static WavePlan moved(WavePlan plan, List<Run> kept, int[] moved) {
        return plan.with(
                kept.stream()
                        .map(run -> new Run(
                                run.ids(),
                                run.edits().stream()
                                        .map(edit -> moved(edit, moved))
                                        .toList()))
                        .toList(),
                plan.cells().stream().map(cell -> moved(cell, moved)).toList());
    }

    private static Edit moved(Edit edit, int[] moved) {
        return new Edit(edit.site(), edit.rows(), edit.part(), moved(edit.value(), moved));
    }

    private static PlannedCell moved(PlannedCell cell, int[] moved) {
        return new PlannedCell(
                moved[cell.run()],
                cell.edits().stream().map(edit -> moved(edit, moved)).toList(),
                cell.readings().stream().map(reading -> moved(reading, moved)).toList(),
                cell.rebased(),
                cell.rows());
    }

    private static PlannedEdit moved(PlannedEdit planned, int[] moved) {
        return new PlannedEdit(moved(planned.edit(), moved), planned.point(), planned.inherited());
    }

    private static Value moved(Value value, int[] moved) {
        if (value instanceof Value.FromRun from) {
            return new Value.FromRun(moved[from.run()], from.rows());
        }
        if (value instanceof Value.MeanOf mean) {
            return new Value.MeanOf(mean.runs().stream().map(run -> moved[run]).toList());
        }
        return value;
    }

    private static Reading moved(Reading reading, int[] moved) {
        return reading.metric() instanceof Metric.Kl kl
                ? new Reading(reading.cell(), new Metric.Kl(moved[kl.reference()]), reading.fired())
                : reading;
    }
}
