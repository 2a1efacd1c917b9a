package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.forward.ForwardPass;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.forward.Transformer;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.rows.InputBatch;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

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

    /** Returns the same pass with other gradients. */
    public RecordedPass with(Linearisation others) {
        return new RecordedPass(model, inputs, hooks, objective, others);
    }

    /**
     * Runs the pass without recording it.
     *
     * @param which points whose activations are captured
     * @param outputs receives the outputs that the objective reads, which {@code local} owns
     * @param owner owner of the activations
     */
    public ActivationCache forward(
            Predicate<HookPoint> which, Consumer<NDArray> outputs, NDManager local, NDManager owner) {
        InputBatch batch = batch();
        ActivationCache activations = new ActivationCache(owner, model.points());
        HookHandle handle = hooks.read(which, activations::store);
        try {
            outputs.accept(new ForwardPass(model.transformer(), hooks).run(batch, objective.rows(batch), local));
        } finally {
            handle.close();
        }
        return activations;
    }

    /** Returns the inputs as a batch that the model and the objective accept. */
    InputBatch batch() {
        InputBatch batch = InputBatch.of(model.config(), inputs);
        objective.check(model.config(), batch);
        return batch;
    }

    /**
     * Returns whether the backward pass computes each layer again, so that the recording holds one layer's weights and
     * activations at a time.
     */
    boolean layerByLayer() {
        RecordingSize size =
                new RecordingSize(new Sizes(model.config()), model.device().tuning(), rules);
        return size.layerByLayer(
                inputs.stream().mapToLong(input -> size.whole(input.length())).sum());
    }

    Transformer transformer() {
        return model.transformer().with(rules);
    }
}
