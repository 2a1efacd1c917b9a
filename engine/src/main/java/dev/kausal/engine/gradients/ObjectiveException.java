package dev.kausal.engine.gradients;

import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.errors.KausalException;

/** Something that gradients cannot be taken of. */
public final class ObjectiveException extends KausalException {
    private static final long serialVersionUID = 1L;

    private ObjectiveException(String message) {
        super(Blame.USER, message);
    }

    static ObjectiveException functionOfNumbers() {
        return new ObjectiveException(
                "A metric that is a function of numbers has no gradient here: Java reads the logits,"
                        + " and what it does with them is not recorded. Use a named metric, or an Objective of array operations.");
    }

    static ObjectiveException counts(int metrics, int inputs) {
        return new ObjectiveException("An objective of " + metrics + " metrics needs as many inputs, but the batch has "
                + inputs + ". Give one metric per input.");
    }

    static ObjectiveException nothingPredicted() {
        return new ObjectiveException(
                "A loss of next tokens needs an input of two tokens or more; every input here has one.");
    }

    static ObjectiveException notOneNumber(Shape found) {
        return new ObjectiveException(
                "An objective must give one number, but gave an array of " + found + ". Sum it, or take its mean.");
    }

    static ObjectiveException notFollowed() {
        return new ObjectiveException(
                "An objective must be made from the outputs by array operations, but what it gave does"
                        + " not depend on them. toType(), duplicate() and numbers read into Java lose the gradient.");
    }

    static ObjectiveException nothingWanted() {
        return new ObjectiveException(
                "No hook point was named to take the gradient at. Name one of the model's points.");
    }
}
