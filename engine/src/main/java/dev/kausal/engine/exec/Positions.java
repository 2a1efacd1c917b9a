package dev.kausal.engine.exec;

import dev.kausal.engine.model.AttentionShape;
import dev.kausal.engine.model.RotaryShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How each layer tells positions apart: its rotation, and what its queries see. */
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

    /** What queries of the layer see. */
    Sight sight(int layer) {
        return new Sight(shape.causal(), shape.windows().get(layer));
    }

    /** Every rotation that some layer has. */
    List<Rotary> rotations() {
        return new ArrayList<>(rotations.values());
    }

    /** What queries of some layer see. */
    Set<Sight> sights() {
        Set<Sight> sights = new LinkedHashSet<>();
        for (int window : shape.windows()) {
            sights.add(new Sight(shape.causal(), window));
        }
        return sights;
    }
}
