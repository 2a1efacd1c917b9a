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

/** How each layer uses positions: its rotation, and its attention mask. */
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

    /** Returns the layer's rotation, or null if it has none. */
    @Nullable
    Rotary rotary(int layer) {
        return rotations.get(shape.rotary().get(layer));
    }

    /** Returns the relative-position term of scores; empty if there is none. */
    Optional<RelativePositions> relative() {
        return relative;
    }

    /** Returns the layer's attention mask. */
    AttentionMask sight(int layer) {
        return new AttentionMask(shape.causal(), shape.windows().get(layer));
    }

    /** Returns every rotation that a layer has. */
    List<Rotary> rotations() {
        return new ArrayList<>(rotations.values());
    }

    /** Returns every attention mask that a layer has. */
    Set<AttentionMask> sights() {
        Set<AttentionMask> sights = new LinkedHashSet<>();
        for (int window : shape.windows()) {
            sights.add(new AttentionMask(shape.causal(), window));
        }
        return sights;
    }
}
