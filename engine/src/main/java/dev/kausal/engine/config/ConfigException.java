package dev.kausal.engine.config;

import dev.kausal.engine.errors.KausalException;

/** A config that is missing, malformed or contradictory. */
public final class ConfigException extends KausalException {
    private static final long serialVersionUID = 1L;

    public ConfigException(Object where, String problem, String advice) {
        super(Blame.USER, "Cannot read the model's config in " + where + ": " + problem + " " + advice);
    }
}
