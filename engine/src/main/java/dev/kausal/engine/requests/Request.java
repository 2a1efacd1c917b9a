package dev.kausal.engine.requests;

import dev.kausal.engine.model.HookedModel;

/**
 * A question to a model with its weights, as data: a record of inputs, names of hook points and numbers, whose answer is a
 * record of arrays and numbers. What answers need not be in this process.
 *
 * @param <A> what it is answered with
 */
public interface Request<A> {
    /** Answers with a model of this process. */
    A of(HookedModel model);
}
