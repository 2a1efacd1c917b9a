package dev.kausal.engine.hooks;

import dev.kausal.engine.errors.KausalException;
import java.util.Collection;
import java.util.List;

/** A name or glob that no hook point of the model has. */
public final class UnknownHookPointException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;

    UnknownHookPointException(String name, String family, String reason, Collection<String> known) {
        super(Blame.USER, message(name, family, reason, known));
        this.name = name;
    }

    /** The name that was asked for. */
    public String name() {
        return name;
    }

    private static String message(String name, String family, String reason, Collection<String> known) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        List<String> near = known.stream()
                .filter(candidate -> candidate.endsWith(last))
                .limit(3)
                .toList();
        List<String> shown = near.isEmpty() ? known.stream().limit(20).toList() : near;
        return "No hook point named '" + name + "' in this " + family + " model"
                + (reason.isEmpty() ? ". " : ": " + reason + ". ")
                + (near.isEmpty() ? "Its points start with " : "Did you mean one of ")
                + String.join(", ", shown) + "? `HookPoints.all()` lists all " + known.size() + ".";
    }
}
