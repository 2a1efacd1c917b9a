package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.hooks.Hook;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.tensor.Recording;
import org.jspecify.annotations.Nullable;

/** An {@link Edit} as a hook on one unbatched sequence; records how much it changed. */
public final class SingleEdit implements Hook {
    private final Edit edit;
    private final Sources sources;
    private Changes changes = Changes.NONE;
    private @Nullable NDArray seen;

    /** Creates a hook that makes {@code edit}. */
    public SingleEdit(Edit edit, Sources sources) {
        this.edit = edit;
        this.sources = sources;
    }

    /**
     * Adds the edit to {@code hooks}, with a reader of the point that it {@link Replacement#reads}, if any.
     *
     * @return handle of the edit
     */
    public HookHandle attach(Hooks hooks) {
        edit.replacement().reads().ifPresent(site -> hooks.read(site, this::see));
        return hooks.edit(edit.site(), this);
    }

    /** Takes the activation at the point that the edit reads, which is kept until the edit is made. */
    public void see(NDArray activation, HookPoint point) {
        NDArray rows = activation.get(new Target(point, Part.ALL).index(activation, edit.rows()));
        NDArray copy = Recording.copy(rows);
        // The scope of the point's own step ends before the edit.
        NDScope.unregister(copy);
        seen = copy;
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
        NDArray read = seen;
        NDArray after =
                edit.replacement().of(before, target, read == null ? sources : new WithOwnActivation(sources, read));
        if (read != null) {
            NDScope.register(read);
            seen = null;
        }
        changes = changes.and(Changes.of(before, after));
        activation.set(index, after);
        return activation;
    }
}
