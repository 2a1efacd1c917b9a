package dev.kausal.engine.gradients;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.forward.Transformer;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.InputBatch;
import java.util.List;

/**
 * A forward pass whose gradients are taken.
 *
 * @param inputs run as one batch
 * @param hooks made in the pass; gradients flow back through them if they consist of array operations
 * @param objective the number, over all inputs together
 * @param rules how gradients flow back
 */
public record RecordedPass(
        HookedModel model, List<Input> inputs, Hooks hooks, Objective objective, Linearisation rules) {
    public RecordedPass {
        inputs = List.copyOf(inputs);
    }

    /** Creates a pass with the model's own gradients. */
    public RecordedPass(HookedModel model, List<Input> inputs, Hooks hooks, Objective objective) {
        this(model, inputs, hooks, objective, Linearisation.NONE);
    }

    /** Returns the inputs as a batch that the model and the objective accept. */
    InputBatch batch() {
        InputBatch batch = InputBatch.of(model.config(), inputs);
        objective.check(model.config(), batch);
        return batch;
    }

    Transformer transformer() {
        return model.transformer().with(rules);
    }
}
