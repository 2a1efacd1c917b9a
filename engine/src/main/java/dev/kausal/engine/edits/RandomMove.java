package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.hooks.HookPoint;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * Moves each row as far as {@code like} would, in a random direction drawn from {@code seed}: the effect of any change
 * of that size. For attention, the same change is dealt to a query's visible keys in random order.
 */
public record RandomMove(Replacement like, long seed) implements Replacement {
    @Override
    public List<Integer> runs() {
        return like.runs();
    }

    @Override
    public List<HookPoint> points(HookPoint at) {
        return like.points(at);
    }

    @Override
    public Optional<Averaged> averaged() {
        return like.averaged();
    }

    @Override
    public boolean callsScript() {
        return like.callsScript();
    }

    @Override
    public Replacement renumbered(IntUnaryOperator runs) {
        return new RandomMove(like.renumbered(runs), seed);
    }

    @Override
    public Optional<String> reads() {
        return like.reads();
    }

    @Override
    public boolean adds() {
        return true;
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        return new RandomMoves(seed).asFar(before, like.of(before, target, sources), target.rowAxis() == 2);
    }
}
