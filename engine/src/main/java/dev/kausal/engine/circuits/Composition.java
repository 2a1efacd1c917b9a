package dev.kausal.engine.circuits;

/** What of a later head reads an earlier head's output (Elhage et al. 2021). */
public enum Composition {
    /** Its queries. */
    QUERY,
    /** Its keys. */
    KEY,
    /** Its values. */
    VALUE
}
