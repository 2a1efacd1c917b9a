package dev.kausal.engine.hooks;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A place in the forward pass where activations can be read and replaced.
 *
 * @param index position in {@link HookPoints#all()}
 * @param name canonical name, such as {@code blocks.3.attn.hook_z}
 * @param kind what passes there
 * @param layer block, or -1 outside the blocks
 * @param reach how far a change here reaches within its layer
 * @param axes of what a hook sees, after the batch axis
 */
public record HookPoint(int index, String name, HookKind kind, int layer, HookKind.Reach reach, List<Axis> axes) {
    /** Axis of the positions in what a hook sees; of the queries, for scores and pattern. */
    public int rowAxis() {
        return kind.attention() ? 1 + axes.indexOf(Axis.QUERY) : 1;
    }

    /** Axis of the heads in what a hook sees; empty if it is not divided by heads. */
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
