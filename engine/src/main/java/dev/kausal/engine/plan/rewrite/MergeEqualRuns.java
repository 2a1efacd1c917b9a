package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.Run;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/** Prompts that occur several times are run once. */
final class MergeEqualRuns implements Rewrite {
    /** What makes two runs the same. */
    private record Key(Input input, int read, List<Edit> edits) {}

    @Override
    public String name() {
        return "merge equal runs";
    }

    @Override
    public String reason() {
        return "the same tokens under the same edits give the same activations";
    }

    @Override
    public CompiledPlan apply(CompiledPlan plan) {
        Map<Key, Integer> found = new HashMap<>();
        List<Run> kept = new ArrayList<>();
        int[] moved = new int[plan.runs().size()];
        for (int i = 0; i < moved.length; i++) {
            Run run = plan.runs().get(i);
            boolean comparable = run.edits().stream().allMatch(MergeEqualRuns::comparable);
            Key key = new Key(run.input(), run.read(), run.edits());
            moved[i] = comparable ? found.getOrDefault(key, kept.size()) : kept.size();
            if (moved[i] == kept.size()) {
                kept.add(run);
            }
            if (comparable) {
                found.put(key, moved[i]);
            }
        }
        return kept.size() == moved.length ? plan : renumbered(plan, kept, moved);
    }

    /** A script's function may answer differently each time; edits that read runs are left alone. */
    private static boolean comparable(Edit edit) {
        return !edit.replacement().callsScript() && !edit.replacement().readsRuns();
    }

    private static CompiledPlan renumbered(CompiledPlan plan, List<Run> kept, int[] moved) {
        IntUnaryOperator runs = run -> moved[run];
        return plan.with(
                kept.stream()
                        .map(run -> run.with(run.edits().stream()
                                .map(edit -> edit.renumbered(runs))
                                .toList()))
                        .toList(),
                plan.cells().stream().map(cell -> cell.renumbered(runs)).toList());
    }
}
