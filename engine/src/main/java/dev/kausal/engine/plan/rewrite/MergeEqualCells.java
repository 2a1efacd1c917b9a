package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.MetricRequest;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
        Map<Object, List<PlannedCell>> equal = new LinkedHashMap<>();
        for (PlannedCell cell : plan.cells()) {
            Object key = cell.editsByScript() ? new Object() : new Key(cell.run(), cell.edits(), cell.rebased());
            equal.computeIfAbsent(key, k -> new ArrayList<>(1)).add(cell);
        }
        return equal.size() == plan.cells().size()
                ? plan
                : plan.with(equal.values().stream().map(MergeEqualCells::merged).toList());
    }

    private static PlannedCell merged(List<PlannedCell> cells) {
        PlannedCell first = cells.get(0);
        List<MetricRequest> readings =
                cells.stream().flatMap(cell -> cell.readings().stream()).toList();
        return new PlannedCell(first.run(), first.edits(), readings, first.rebased(), first.rows());
    }
}
