package dev.kausal.engine.plan;

import java.util.function.IntUnaryOperator;

/**
 * One change to one hook point of one sequence.
 *
 * @param site canonical hook name
 * @param rows positions (queries, for scores and pattern)
 * @param part units
 * @param value what is put there
 */
public record Edit(String site, Rows rows, Part part, Value value) {
    /** The same edit in a plan that numbers its runs otherwise. */
    public Edit moved(IntUnaryOperator runs) {
        return new Edit(site, rows, part, value.moved(runs));
    }
}
