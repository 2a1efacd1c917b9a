package dev.kausal.engine.edits;

import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.tensor.Indices;
import java.util.Optional;

/**
 * The units of a hook point that an edit touches.
 *
 * <p>A packed activation [row, (head,) unit] is indexed as items of equal size: whole rows, heads or single units.
 */
public sealed interface Part {
    /** All units. */
    Part ALL = new All();

    /** Returns whether this covers all units of a position. */
    boolean whole();

    /**
     * Returns the axis that this narrows to one index; empty if none.
     *
     * @param rank rank of the activation
     * @throws EditException if the point has no such axis
     */
    Optional<Narrowed> narrowed(HookPoint point, int rank);

    /**
     * Returns whether a packed row has these units.
     *
     * @param heads heads of a row; 1 if it has no head axis
     * @param width units of each head
     * @param byHead whether a row has a head axis
     */
    boolean fits(int heads, int width, boolean byHead);

    /** Returns the number of units of one item. */
    int itemSize(int heads, int width);

    /** Adds the indices of this part's items in packed row {@code row} to {@code items}. */
    void addItems(Indices items, int row, int heads, int width);

    /** One index of one axis. */
    record Narrowed(int axis, int index) {}

    /** All units. */
    record All() implements Part {
        @Override
        public boolean whole() {
            return true;
        }

        @Override
        public Optional<Narrowed> narrowed(HookPoint point, int rank) {
            return Optional.empty();
        }

        @Override
        public boolean fits(int heads, int width, boolean byHead) {
            return true;
        }

        @Override
        public int itemSize(int heads, int width) {
            return heads * width;
        }

        @Override
        public void addItems(Indices items, int row, int heads, int width) {
            items.add(row);
        }
    }

    /** One head: axis {@code head} of z, q, k, v (key-value heads there), result, scores and pattern. */
    record Head(int head) implements Part {
        @Override
        public boolean whole() {
            return false;
        }

        @Override
        public Optional<Narrowed> narrowed(HookPoint point, int rank) {
            int axis = point.headAxis()
                    .orElseThrow(() ->
                            new EditException(point.name(), "names head " + head + ", but this point has no heads."));
            return Optional.of(new Narrowed(axis, head));
        }

        @Override
        public boolean fits(int heads, int width, boolean byHead) {
            return byHead && head < heads;
        }

        @Override
        public int itemSize(int heads, int width) {
            return width;
        }

        @Override
        public void addItems(Indices items, int row, int heads, int width) {
            items.add(row * heads + head);
        }
    }

    /** One coordinate of the last axis: a neuron, or a direction of the residual stream. */
    record Unit(int unit) implements Part {
        @Override
        public boolean whole() {
            return false;
        }

        @Override
        public Optional<Narrowed> narrowed(HookPoint point, int rank) {
            return Optional.of(new Narrowed(rank - 1, unit));
        }

        @Override
        public boolean fits(int heads, int width, boolean byHead) {
            return unit < width;
        }

        @Override
        public int itemSize(int heads, int width) {
            return 1;
        }

        @Override
        public void addItems(Indices items, int row, int heads, int width) {
            for (int head = 0; head < heads; head++) {
                items.add((row * heads + head) * width + unit);
            }
        }
    }
}
