package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.MetricRequest;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Computes cells with the same edits of the same run once, whatever is read from them. */
final class MergeEqualCells implements Rewrite {
    private record Key(int run, List<PlannedEdit> edits, PlannedCell.@Nullable Rebased rebased) {}

    @Override
    public String name() {
        return "merge equal cells";
    }

    @Override
    public String reason() {
        return "the same edits of the same run give the same logits; a script's functions never count as equal";
    }

    @Override
    public CompiledPlan apply(CompiledPlan plan) {
        Map<Object, Integer> places = new HashMap<>(2 * plan.cells().size());
        List<PlannedCell> distinct = new ArrayList<>(plan.cells().size());
        Map<Integer, List<MetricRequest>> more = new HashMap<>();
        for (PlannedCell cell : plan.cells()) {
            Object key = cell.editsByScript() ? new Object() : new Key(cell.run(), cell.edits(), cell.rebased());
            Integer first = places.putIfAbsent(key, distinct.size());
            if (first == null) {
                distinct.add(cell);
            } else {
                more.computeIfAbsent(
                                first,
                                place -> new ArrayList<>(distinct.get(place).readings()))
                        .addAll(cell.readings());
            }
        }
        more.forEach(
                (place, readings) -> distinct.set(place, distinct.get(place).reading(readings)));
        return more.isEmpty() ? plan : plan.with(distinct);
    }
}
