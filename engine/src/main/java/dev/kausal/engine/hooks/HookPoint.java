package dev.kausal.engine.hooks;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A point in the forward pass at which activations can be read and replaced.
 *
 * @param index position in {@link HookPoints#all()}
 * @param name canonical name, such as {@code blocks.3.attn.hook_z}
 * @param kind kind of the point
 * @param layer block, or -1 outside the blocks
 * @param reach how far a change here reaches within its layer
 * @param axes axes of an activation, after the batch axis
 */
public record HookPoint(int index, String name, HookKind kind, int layer, HookKind.Reach reach, List<Axis> axes) {
    /** Returns the axis of positions in an activation; of queries, for scores and pattern. */
    public int rowAxis() {
        return kind.attention() ? 1 + axes.indexOf(Axis.QUERY) : 1;
    }

    /** Returns the axis of heads in an activation; empty if it has none. */
    public OptionalInt headAxis() {
        return IntStream.range(0, axes.size())
                .filter(i -> axes.get(i).heads())
                .map(i -> i + 1)
                .findFirst();
    }

    @Override
    public String toString() {
        return name;
    }
}
