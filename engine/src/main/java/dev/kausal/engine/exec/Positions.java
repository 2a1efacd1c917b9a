package dev.kausal.engine.exec;

import dev.kausal.engine.model.AttentionShape;
import dev.kausal.engine.model.RotaryShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How each layer tells positions apart: its rotation, and which positions its queries see. */
final class Positions {
    private final AttentionShape shape;
    private final Map<RotaryShape, Rotary> rotations = new LinkedHashMap<>();

    Positions(AttentionShape shape) {
        this.shape = shape;
        for (RotaryShape rotary : shape.rotary()) {
            if (rotary.rotates()) {
                rotations.computeIfAbsent(rotary, Rotary::new);
            }
        }
    }

    /** The layer's rotation, or null where it has none. */
    Rotary rotary(int layer) {
        return rotations.get(shape.rotary().get(layer));
    }

    /** Positions that a query of the layer sees, its own included; 0 for all. */
    int window(int layer) {
        return shape.windows().get(layer);
    }

    /** Every rotation that some layer has. */
    List<Rotary> rotations() {
        return new ArrayList<>(rotations.values());
    }

    /** Every window that some layer has. */
    Set<Integer> windows() {
        return new LinkedHashSet<>(shape.windows());
    }

    /** Whether queries see no later positions. */
    boolean causal() {
        return shape.causal();
    }
}
