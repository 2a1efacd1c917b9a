package dev.kausal.engine.graph;

import dev.kausal.engine.edits.Part;
import dev.kausal.engine.hooks.HookKind;

/**
 * The units of a hook point at which a component reads or writes.
 *
 * @param kind kind of the hook point
 * @param layer its layer; {@link #NO_LAYER} outside the blocks
 * @param part the component's own units
 */
public record Port(HookKind kind, int layer, Part part) {
    /** Layer of points outside the blocks. */
    public static final int NO_LAYER = -1;

    /** Returns the canonical name of the hook point. */
    public String site() {
        return kind.name(layer);
    }
}
