package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.hooks.Hook;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.tensor.Recording;

/** An {@link Edit} as a hook on one unbatched sequence; records how much it changed. */
public final class SingleEdit implements Hook {
    private final Edit edit;
    private final Sources sources;
    private Changes changes = Changes.NONE;

    /** Creates a hook that makes {@code edit}. */
    public SingleEdit(Edit edit, Sources sources) {
        this.edit = edit;
        this.sources = sources;
    }

    /** Returns how much it has changed so far. */
    public Changes changes() {
        return changes;
    }

    /** Throws if the pass never reached the hook point. */
    public void checkFired(long fired) {
        if (fired == 0) {
            throw new EditException(
                    edit.site(), "never fired: the pass did not reach it. This is a bug in the engine.");
        }
    }

    @Override
    public NDArray apply(NDArray activation, HookPoint point) {
        Target target = new Target(point, edit.part());
        NDIndex index = target.index(activation, edit.rows());
        NDArray before = Recording.copy(activation.get(index));
        NDArray after = edit.replacement().of(before, target, sources);
        changes = changes.and(Changes.of(before, after));
        activation.set(index, after);
        return activation;
    }
}
