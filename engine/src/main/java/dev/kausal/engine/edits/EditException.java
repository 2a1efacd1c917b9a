package dev.kausal.engine.edits;

import dev.kausal.engine.errors.KausalException;

/** An edit that does not fit its hook point, or never fires. */
public final class EditException extends KausalException {
    private static final long serialVersionUID = 1L;

    /** Creates an error with a predicate whose subject is the edit. */
    public EditException(String site, String problem) {
        super(Blame.USER, "The edit at " + site + " " + problem);
    }

    /** Creates an error for a run whose edit at {@code site} reads a run that in turn reads it. */
    public static EditException circle(String site) {
        return new EditException(
                site, "reads a run that in turn reads the edited one. Runs cannot depend on each other in a circle.");
    }
}
