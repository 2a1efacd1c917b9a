package dev.kausal.engine.gradients;

import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.errors.KausalException;

/** An objective without gradients. */
public final class ObjectiveException extends KausalException {
    private static final long serialVersionUID = 1L;

    private ObjectiveException(String message) {
        super(Blame.USER, message);
    }

    static ObjectiveException functionOfNumbers() {
        return new ObjectiveException("A metric that is a script's function has no gradient: Java reads the logits,"
                + " so its operations are not recorded. Use a named metric, or an Objective of array operations.");
    }

    static ObjectiveException counts(int metrics, int inputs) {
        return new ObjectiveException("An objective of " + metrics
                + " metrics needs equally many inputs, but the batch has " + inputs + ". Give one metric per input.");
    }

    static ObjectiveException targets(int rows, int targets, int weights) {
        return new ObjectiveException(
                "A cross-entropy needs one target and one weight for each of its rows, and at least"
                        + " one row, but has " + rows + " rows, " + targets + " targets and " + weights + " weights.");
    }

    static ObjectiveException smoothing(double found) {
        return new ObjectiveException(
                "Label smoothing must be at least 0 and less than 1, but is " + found + ". Use 0 for none.");
    }

    static ObjectiveException outside(String what, long found, long count) {
        return new ObjectiveException("A cross-entropy names " + what + " " + found + ", but there are " + what
                + "s 0 to " + (count - 1) + " only.");
    }

    static ObjectiveException nothingPredicted() {
        return new ObjectiveException(
                "A next-token loss needs an input of at least two tokens, but every input has one. Use longer prompts.");
    }

    static ObjectiveException notOneNumber(Shape found) {
        return new ObjectiveException("An objective must return one number, but returned an array of " + found
                + ". Sum it, or take its mean.");
    }

    static ObjectiveException notFollowed() {
        return new ObjectiveException(
                "An objective must be computed from the outputs by array operations, but its result does"
                        + " not depend on them. toType(), duplicate() and numbers read into Java lose the gradient.");
    }

    static ObjectiveException pathBetweenLengths(long from, long to) {
        return new ObjectiveException("A path of input embeddings needs two runs of equal length, but one has " + from
                + " positions and the other " + to + ". Use inputs of one length.");
    }

    /** An edit whose scores are not linear in what it changes. */
    public static ObjectiveException notLinear(String site) {
        return new ObjectiveException(
                "The softmax can be computed again only for edits that scores are linear in, but in"
                        + " this model " + site
                        + " passes a norm, a soft cap or products with distances first. Edit rotated or"
                        + " normed queries and keys if the model has them, or use the slope of the softmax.");
    }

    /** Gradient drop in a model of one layer. */
    public static ObjectiveException oneLayer() {
        return new ObjectiveException("Dropping what one layer writes leaves nothing of a model with a single layer."
                + " Use gradients through all layers.");
    }

    /** A path without a start. */
    public static ObjectiveException noOtherRun(int run) {
        return new ObjectiveException("Integrated gradients start at another run's input embedding, but run " + run
                + " has no other run. Use gradients of the run itself, or inputs with a counterpart.");
    }

    static ObjectiveException nothingWanted() {
        return new ObjectiveException(
                "No hook point was selected to take the gradient at. Select one of the model's points.");
    }
}
