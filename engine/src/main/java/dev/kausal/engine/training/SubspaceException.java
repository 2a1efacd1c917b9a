package dev.kausal.engine.training;

import dev.kausal.engine.errors.KausalException;

/** A subspace that cannot be trained as asked. */
public final class SubspaceException extends KausalException {
    private static final long serialVersionUID = 1L;

    private SubspaceException(String message) {
        super(Blame.USER, message);
    }

    static SubspaceException positions(int changed, int put) {
        return new SubspaceException("An interchange puts activations of " + put
                + " positions of its source in place of " + changed + " of its base. Name equally many.");
    }

    static SubspaceException rank(int rank, String site, int units) {
        return new SubspaceException("A subspace of " + site + " has rank 1 to " + units
                + ", the number of its units, not " + rank + ". Choose a rank within these.");
    }

    static SubspaceException setting(String name, String found, String expected) {
        return new SubspaceException(
                "The " + name + " of a training must be " + expected + ", not " + found + ". Change it.");
    }

    static SubspaceException noPairs() {
        return new SubspaceException(
                "A subspace is trained on pairs of base and source, but there are none. Add some.");
    }

    static SubspaceException attention(String site) {
        return new SubspaceException("A subspace needs activations of single positions, but " + site
                + " is attention. Choose another point.");
    }

    static SubspaceException notFinite(String site, int step) {
        return new SubspaceException("The loss of the subspace of " + site + " is not finite after " + step
                + " steps. Choose a smaller learning rate.");
    }
}
