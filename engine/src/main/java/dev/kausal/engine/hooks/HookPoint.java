package dev.kausal.engine.hooks;

/**
 * A place in the forward pass where activations can be read and replaced.
 *
 * @param index position in {@link HookPoints#all()}
 * @param name canonical name, such as {@code blocks.3.attn.hook_z}
 * @param kind what passes there
 * @param layer block, or -1 outside the blocks
 * @param reach how far a change here reaches within its layer
 */
public record HookPoint(int index, String name, HookKind kind, int layer, HookKind.Reach reach) {
    /** Axis of the positions in what a hook sees; of the queries, for scores and pattern. */
    public int rowAxis() {
        return kind.axes() == HookKind.Axes.PATTERN ? 2 : 1;
    }

    @Override
    public String toString() {
        return name;
    }
}
