package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.plan.Edit;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.Value;
import java.util.List;

/** The edits of a {@link Run} as hooks of one pass, to read what a plan's runs are made of. */
public final class RunHooks {
    private RunHooks() {}

    /**
     * Hooks that make {@code edits}, and to which readers can be added.
     *
     * @throws EditException where an edit reads other runs, which one pass does not have
     */
    public static Hooks of(HookPoints points, List<Edit> edits) {
        Hooks hooks = new Hooks(points);
        for (Edit edit : edits) {
            Value value = edit.value().read();
            if (value instanceof Value.FromRun || value instanceof Value.MeanOf) {
                throw new EditException(edit.site(), "reads another run, and here is only one.");
            }
            hooks.edit(edit.site(), new EditHook(edit, NONE));
        }
        return hooks;
    }

    private static final Sources NONE = new Sources() {
        @Override
        public NDArray activation(int run, String site) {
            throw new IllegalStateException("no run " + run);
        }

        @Override
        public NDArray mean(List<Integer> runs, String site) {
            throw new IllegalStateException("no runs " + runs);
        }

        @Override
        public float[] reference(int run) {
            throw new IllegalStateException("no run " + run);
        }
    };
}
