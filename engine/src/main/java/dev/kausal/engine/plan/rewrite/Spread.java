package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Run;
import java.util.List;
import java.util.stream.IntStream;

/** How a change at some rows of a layer reaches other rows. */
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
            int equal = 0;
            while (equal < Math.min(a.ids().length, b.ids().length) && a.ids()[equal] == b.ids()[equal]) {
                equal++;
            }
            return equal;
        }
    },
    /** A row is seen by every row. */
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

    /** Positions that an edit touches in a prompt of {@code length}, ascending. */
    static int[] rows(PlannedEdit edit, int length) {
        return IntStream.rangeClosed(edit.first(), edit.last(length)).toArray();
    }

    /** First row that can change in attention when {@code first} has. */
    abstract int from(int first);

    /** Positions at the start of two runs whose activations are the same at every point. */
    abstract int equalPrefix(Run a, Run b);

    /**
     * First row that may differ from the base run where {@code edit} is made, before it is.
     *
     * @param before edits made earlier, none of them inherited counts
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
