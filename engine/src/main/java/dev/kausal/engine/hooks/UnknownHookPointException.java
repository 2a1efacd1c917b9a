package dev.kausal.engine.hooks;

import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.names.NearestNames;
import java.util.Collection;

/** A name or glob that matches no hook point of the model. */
public final class UnknownHookPointException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;

    UnknownHookPointException(String name, String family, String reason, Collection<String> known) {
        super(Blame.USER, message(name, family, reason, known));
        this.name = name;
    }

    /** Returns the requested name. */
    public String name() {
        return name;
    }

    private static String message(String name, String family, String reason, Collection<String> known) {
        return "No hook point named '" + name + "' in this " + family + " model"
                + (reason.isEmpty() ? ". " : ": " + reason + ". ")
                + "Did you mean one of " + String.join(", ", NearestNames.of(name, known, 3))
                + "? `HookPoints.all()` lists all " + known.size() + ".";
    }
}
