package dev.kausal.engine.certify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was found of a model: against a reference where there was one, and against itself.
 *
 * @param prompts inputs that the reference ran; 0 without one
 * @param sites one for each kind of hook point, in the order of the pass
 * @param outputs the model's outputs against the reference's; null without one
 * @param checks what was asked and answered
 * @param notes what could not be asked, and why
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
     * @param name as {@code blocks.*.hook_resid_pre}
     * @param points how many of its points were compared with the reference; 0 without one
     * @param difference from the reference; zero if no point was compared
     * @param drift largest absolute change of the outputs where every point of the kind is given its own value; NaN
     *     where the model takes no patch of the kind
     */
    public record Site(String name, int points, Difference difference, double drift) {}

    /**
     * Outputs against the reference's.
     *
     * @param name {@code logits} or {@code last_hidden_state}
     * @param difference from the reference's
     * @param agree rows whose largest output is the reference's
     * @param rows that were compared
     */
    public record Outputs(String name, Difference difference, int agree, int rows) {}

    /**
     * One question with a bound.
     *
     * @param question what is bounded
     * @param found the number; the certificate fails where it is above the bound, or not a number
     * @param bound the largest that passes
     * @param where it was found; empty if it is of everything
     */
    public record Check(String question, double found, double bound, String where) {
        /** Whether the number is within its bound. */
        public boolean passed() {
            return found <= bound;
        }
    }

    /** Whether every check passed. */
    public boolean passed() {
        return checks.stream().allMatch(Check::passed);
    }
}
