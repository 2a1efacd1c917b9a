package dev.kausal.engine.requests;

import dev.kausal.engine.model.HookedModel;

/**
 * A question to a model with its weights, as data: a record of inputs, hook-point names and numbers, answered by arrays
 * and numbers. It may be answered in another process.
 *
 * @param <A> type of the answer
 */
public interface Request<A> {
    /** Answers with a model in this process. */
    A of(HookedModel model);
}
