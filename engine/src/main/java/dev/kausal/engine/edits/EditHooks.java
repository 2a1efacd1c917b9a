package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.hooks.Hooks;
import java.util.List;

/** Edits of one run as hooks of a single pass, for reading activations under them. */
public final class EditHooks {
    private EditHooks() {}

    /**
     * Creates hooks that make {@code edits}; readers can be added.
     *
     * @throws EditException if an edit reads other runs, which a single pass does not have
     */
    public static Hooks of(HookPoints points, List<Edit> edits) {
        Hooks hooks = new Hooks(points);
        for (Edit edit : edits) {
            if (edit.replacement().readsRuns()) {
                throw new EditException(edit.site(), "reads another run, but this pass has only one.");
            }
            new SingleEdit(edit, NONE).attach(hooks);
        }
        return hooks;
    }

    private static final Sources NONE = new Sources() {
        @Override
        public NDArray activation(int run, String site) {
            throw new IllegalStateException("no run " + run);
        }

        @Override
        public NDArray added(int run, HookPoint writer, PositionRange rows, NDArray change) {
            throw new IllegalStateException("no run " + run);
        }

        @Override
        public NDArray mean(Averaged over, String site) {
            throw new IllegalStateException("no runs " + over.runs());
        }
    };
}
