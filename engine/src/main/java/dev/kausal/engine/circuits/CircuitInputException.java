package dev.kausal.engine.circuits;

import dev.kausal.engine.errors.KausalException;

/** Two inputs whose outputs cannot stand in for each other. */
public final class CircuitInputException extends KausalException {
    private static final long serialVersionUID = 1L;

    CircuitInputException(int clean, int corrupted) {
        super(
                Blame.USER,
                "Edges carry the corrupted run's outputs position by position, so both inputs must be equally long,"
                        + " but the clean one has " + clean + " positions and the corrupted one " + corrupted
                        + ". Use pairs of equal length.");
    }
}
