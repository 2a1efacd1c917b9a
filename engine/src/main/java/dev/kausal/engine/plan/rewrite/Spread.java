package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Run;
import java.util.List;
import java.util.stream.IntStream;

/** How a change in some rows of a layer spreads to other rows. */
enum Spread {
    /** A row is attended to by itself and by later ones. */
    CAUSAL {
        @Override
        int from(int first) {
            return first;
        }

        @Override
        int equalPrefix(Run a, Run b) {
            if (!a.edits().isEmpty() || !b.edits().isEmpty()) {
                return 0;
            }
            return a.input().equalPrefix(b.input());
        }
    },
    /** A row is attended to by every row. */
    BIDIRECTIONAL {
        @Override
        int from(int first) {
            return 0;
        }

        @Override
        int equalPrefix(Run a, Run b) {
            return 0;
        }
    };

    /** Returns the positions that an edit touches in a prompt of {@code length}, ascending. */
    static int[] rows(PlannedEdit edit, int length) {
        return IntStream.rangeClosed(edit.first(), edit.last(length)).toArray();
    }

    /** Returns the first row that attention can change if {@code first} has changed. */
    abstract int from(int first);

    /** Returns how many positions at the start of two runs have the same activations at every point. */
    abstract int equalPrefix(Run a, Run b);

    /**
     * Returns the first row that may differ from the base run just before {@code edit} is made.
     *
     * @param before edits made earlier, excluding inherited ones
     */
    int firstDirtyBefore(List<PlannedEdit> before, PlannedEdit edit, int length) {
        int first = length;
        for (PlannedEdit earlier : before) {
            if (!earlier.inherited()) {
                first = Math.min(first, earlier.first());
            }
        }
        return first == length ? length : from(first);
    }
}
