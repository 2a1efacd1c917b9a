package dev.kausal.engine.plan;

import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.hooks.HookPoints;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A sweep's cells, each a whole pass. */
final class PlainCells extends PlannedCells {
    private static final Comparator<PlannedEdit> IN_ORDER_OF_THE_PASS =
            Comparator.comparingInt(edit -> edit.point().index());

    private final Cells cells;
    private final HookPoints points;
    private final List<List<PlannedEdit>> inherited = new ArrayList<>();
    private final List<DirtyRows> everything = new ArrayList<>();

    PlainCells(SweepPlan sweep, HookPoints points, int layers) {
        this.cells = Cells.of(sweep.cells());
        this.points = points;
        Map<Integer, DirtyRows> byLength = new HashMap<>();
        for (Run run : sweep.runs()) {
            inherited.add(run.edits().stream().map(edit -> planned(edit, true)).toList());
            everything.add(byLength.computeIfAbsent(run.length(), length -> DirtyRows.everything(length, layers)));
        }
    }

    private PlannedEdit planned(Edit edit, boolean ofRun) {
        return new PlannedEdit(edit, points.named(edit.site()), ofRun);
    }

    @Override
    public PlannedCell get(int index) {
        Cell cell = cells.get(index);
        int fired = cell.edits().size();
        List<MetricRequest> readings = List.of(new MetricRequest(index, cell.metric(), fired));
        return new PlannedCell(cell.run(), edits(cell), readings, null, everything.get(cell.run()));
    }

    private List<PlannedEdit> edits(Cell cell) {
        List<PlannedEdit> ofRun = inherited.get(cell.run());
        List<Edit> own = cell.edits();
        if (own.isEmpty() && ofRun.size() < 2) {
            return ofRun;
        }
        if (own.size() == 1 && ofRun.isEmpty()) {
            return List.of(planned(own.get(0), false));
        }
        List<PlannedEdit> edits = new ArrayList<>(ofRun);
        for (Edit edit : own) {
            edits.add(planned(edit, false));
        }
        edits.sort(IN_ORDER_OF_THE_PASS);
        return edits;
    }

    @Override
    public List<MetricRequest> readings(int index) {
        return List.of(new MetricRequest(index, cells.metric(index), cells.edits(index)));
    }

    @Override
    public int size() {
        return cells.size();
    }
}
