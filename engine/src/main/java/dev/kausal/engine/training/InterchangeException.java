package dev.kausal.engine.training;

import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.graph.Port;

/** An interchange that its batch or model cannot make. */
public final class InterchangeException extends KausalException {
    private static final long serialVersionUID = 1L;

    private InterchangeException(Interchange of, String problem) {
        super(
                Blame.USER,
                "The interchange that puts values of input " + of.source() + " into input " + of.base() + " "
                        + problem);
    }

    static InterchangeException outside(Interchange of, int inputs) {
        return new InterchangeException(
                of, "names an input that the batch lacks: it has inputs 0 to " + (inputs - 1) + ".");
    }

    static InterchangeException apart(Interchange of, int source, int base) {
        return new InterchangeException(
                of,
                "needs both in one run of inputs of equal length, but they have " + source + " and " + base
                        + " positions, or inputs of another length lie between them. Sort the batch by length.");
    }

    static InterchangeException changedSource(Interchange of) {
        return new InterchangeException(
                of,
                "takes values from a pass that another interchange changes. Use a source whose pass nothing changes.");
    }

    static InterchangeException noPorts(Interchange of) {
        return new InterchangeException(of, "names no units. Name at least one port.");
    }

    static InterchangeException noPositions(Interchange of, Port port) {
        return new InterchangeException(
                of, "cannot be made at " + port.site() + ", whose values are not given position by position.");
    }

    static InterchangeException noSuchPart(Interchange of, Port port) {
        return new InterchangeException(of, "names units that " + port.site() + " does not have: " + port.part() + ".");
    }
}
