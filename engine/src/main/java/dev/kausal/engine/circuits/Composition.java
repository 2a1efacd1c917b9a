package dev.kausal.engine.circuits;

import dev.kausal.engine.hooks.HookKind;

/** Which input of a later head reads an earlier head's output (Elhage et al. 2021). */
public enum Composition {
    /** Its queries. */
    QUERY(HookKind.Q_INPUT),
    /** Its keys. */
    KEY(HookKind.K_INPUT),
    /** Its values. */
    VALUE(HookKind.V_INPUT);

    private final HookKind reader;

    Composition(HookKind reader) {
        this.reader = reader;
    }

    /** Returns the hook point at which the later head reads. */
    public HookKind reader() {
        return reader;
    }
}
