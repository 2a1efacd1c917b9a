package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Sources;
import dev.kausal.engine.edits.Target;
import dev.kausal.engine.forward.OutputNorm;
import dev.kausal.engine.forward.Transformer;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;

/** What a change of one writer's output adds to the residual stream of a model. */
final class StreamChange {
    private final OutputNorm norm;

    StreamChange(Transformer model) {
        this.norm = new OutputNorm(model);
    }

    /** Returns it as {@link Sources#added} does, with the activations of {@code sources}. */
    NDArray added(Sources sources, int run, HookPoint writer, PositionRange rows, NDArray change) {
        if (writer.kind() != HookKind.RESULT || !norm.present()) {
            return change;
        }
        NDArray results = sources.activation(run, writer.name());
        NDArray input = norm.input(writer.layer(), new Target(writer, Part.ALL).cut(results, rows));
        return norm.exact(writer.layer(), input, change.reshape(input.getShape()));
    }
}
