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

/** Runs prompts that occur several times once. */
final class MergeEqualRuns implements Rewrite {
    /** Identity of a run. */
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
        int[] newIndex = new int[plan.runs().size()];
        for (int i = 0; i < newIndex.length; i++) {
            Run run = plan.runs().get(i);
            boolean comparable = run.edits().stream().allMatch(MergeEqualRuns::comparable);
            Key key = new Key(run.input(), run.read(), run.edits());
            newIndex[i] = comparable ? found.getOrDefault(key, kept.size()) : kept.size();
            if (newIndex[i] == kept.size()) {
                kept.add(run);
            }
            if (comparable) {
                found.put(key, newIndex[i]);
            }
        }
        return kept.size() == newIndex.length ? plan : renumbered(plan, kept, newIndex);
    }

    /**
     * Returns whether an edit can be compared: a script's function may return different values each time; edits that
     * read runs are left alone.
     */
    private static boolean comparable(Edit edit) {
        return !edit.replacement().callsScript() && !edit.replacement().readsRuns();
    }

    private static CompiledPlan renumbered(CompiledPlan plan, List<Run> kept, int[] newIndex) {
        IntUnaryOperator runs = run -> newIndex[run];
        return plan.with(
                kept.stream()
                        .map(run -> run.with(run.edits().stream()
                                .map(edit -> edit.renumbered(runs))
                                .toList()))
                        .toList(),
                plan.planned().renumbered(runs));
    }
}
