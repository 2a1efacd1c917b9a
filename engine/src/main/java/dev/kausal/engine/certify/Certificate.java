package dev.kausal.engine.certify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Findings about a model: against a reference if there was one, and against itself.
 *
 * @param prompts number of inputs that the reference ran; 0 without a reference
 * @param sites one per kind of hook point, in the order of the pass
 * @param outputs the model's outputs against the reference's; null without a reference
 * @param checks bounded checks and their results
 * @param notes checks that were not possible, and why
 */
public record Certificate(
        int prompts, List<Site> sites, @Nullable Outputs outputs, List<Check> checks, List<String> notes) {
    public Certificate {
        sites = List.copyOf(sites);
        checks = List.copyOf(checks);
        notes = List.copyOf(notes);
    }

    /**
     * A kind of hook point, in all layers.
     *
     * @param name such as {@code blocks.*.hook_resid_pre}
     * @param points number of points compared with the reference; 0 without one
     * @param difference from the reference; zero if no point was compared
     * @param drift largest absolute change of the outputs if every point of the kind is patched with its own value; NaN
     *     if the model cannot be patched there
     */
    public record Site(String name, int points, Difference difference, double drift) {}

    /**
     * Outputs against the reference's.
     *
     * @param name {@code logits} or {@code last_hidden_state}
     * @param difference from the reference's
     * @param agree number of rows whose largest output is the reference's
     * @param rows number of rows compared
     */
    public record Outputs(String name, Difference difference, int agree, int rows) {}

    /**
     * One quantity with a bound.
     *
     * @param question the quantity
     * @param found its value; the check fails if it is above the bound or NaN
     * @param bound largest value that passes
     * @param where where the value was found; empty if it concerns everything
     */
    public record Check(String question, double found, double bound, String where) {
        /** Returns whether the number is within its bound. */
        public boolean passed() {
            return found <= bound;
        }
    }

    /** Returns whether every check passed. */
    public boolean passed() {
        return checks.stream().allMatch(Check::passed);
    }
}
