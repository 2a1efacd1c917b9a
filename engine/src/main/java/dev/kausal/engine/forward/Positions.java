package dev.kausal.engine.forward;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.RotaryConfig;
import dev.kausal.engine.rows.AttentionMask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How each layer tells positions apart: its rotation, and what its queries see. */
public final class Positions {
    private final AttentionConfig shape;
    private final Optional<RelativePositions> relative;
    private final Map<RotaryConfig, Rotary> rotations = new LinkedHashMap<>();

    public Positions(ModelConfig config) {
        this.shape = config.attention();
        this.relative = RelativePositions.of(config);
        for (RotaryConfig rotary : shape.rotary()) {
            if (rotary.rotates()) {
                rotations.computeIfAbsent(
                        rotary, one -> new Rotary(one, config.embedding().image()));
            }
        }
    }

    /** The layer's rotation, or null if it has none. */
    @Nullable
    Rotary rotary(int layer) {
        return rotations.get(shape.rotary().get(layer));
    }

    /** What scores depend on besides, where each has a bias for where query and key stand. */
    Optional<RelativePositions> relative() {
        return relative;
    }

    /** What queries of the layer see. */
    AttentionMask sight(int layer) {
        return new AttentionMask(shape.causal(), shape.windows().get(layer));
    }

    /** Every rotation that some layer has. */
    List<Rotary> rotations() {
        return new ArrayList<>(rotations.values());
    }

    /** What queries of some layer see. */
    Set<AttentionMask> sights() {
        Set<AttentionMask> sights = new LinkedHashSet<>();
        for (int window : shape.windows()) {
            sights.add(new AttentionMask(shape.causal(), window));
        }
        return sights;
    }
}
