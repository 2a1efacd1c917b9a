package dev.kausal.engine.edits;

import dev.kausal.engine.errors.KausalException;

/** An edit that does not fit its hook point, or never reached it. */
public final class EditException extends KausalException {
    private static final long serialVersionUID = 1L;

    /** A problem with the edit at {@code site}: a predicate whose subject is the edit. */
    public EditException(String site, String problem) {
        super(Blame.USER, "The edit at " + site + " " + problem);
    }
}
