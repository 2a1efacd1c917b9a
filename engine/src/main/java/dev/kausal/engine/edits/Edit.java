package dev.kausal.engine.edits;

import java.util.function.IntUnaryOperator;

/**
 * One change at one hook point of one sequence.
 *
 * @param site canonical hook name
 * @param rows positions (queries, for scores and pattern)
 * @param part units
 * @param replacement what is written there
 */
public record Edit(String site, PositionRange rows, Part part, Replacement replacement) {
    /** Returns the same edit for a plan that numbers its runs differently. */
    public Edit renumbered(IntUnaryOperator runs) {
        return new Edit(site, rows, part, replacement.renumbered(runs));
    }

    /** Returns the same edit at other positions. */
    public Edit at(PositionRange others) {
        return new Edit(site, others, part, replacement);
    }
}
