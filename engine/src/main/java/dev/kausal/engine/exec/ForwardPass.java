package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HeadShape;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;

/**
 * One pass of whole sequences through a decoder, firing every hook point on its way: the case of packed rows in which
 * every row is computed, from the embedding on. Each layer's arrays live in a scope that ends with it.
 */
public final class ForwardPass {
    private final HookedModel model;
    private final Taps taps;
    private final Ends ends;
    private final Positions positions;
    private final Block block;

    /** A pass over {@code model} with these hooks; may be run any number of times. */
    public ForwardPass(HookedModel model, Hooks hooks) {
        this.model = model;
        this.taps = new HookDispatch(model.points(), hooks);
        this.ends = new Ends(model, taps);
        this.positions = new Positions(model.config());
        this.block = new Block(model, positions, taps, KeyValues.NONE);
    }

    /**
     * Runs a batch.
     *
     * @param rows packed rows to unembed, in this order; not read where the head is pooled
     * @return logits [rows.length, vocabulary], of a pooled head [input, classes], of a model without a head hidden states
     *     [rows.length, d_model]; owned by {@code manager}
     */
    public NDArray run(InputBatch batch, int[] rows, NDManager manager) {
        Torch.inference();
        try (NDScope scope = new NDScope();
                NDManager local = Torch.manager()) {
            scope.suppressNotUsedWarning();
            RowLayout layout = batch.layout();
            LayerRows layerRows = LayerRows.of(layout, positions, local);
            NDArray embedded = ends.embed(batch.present(), layout, local);
            NDScope.unregister(embedded);
            NDArray stream = block.runAll(embedded, layerRows, layerRows);
            NDArray outputs = outputs(stream, layout, rows, local);
            if (outputs != stream) {
                stream.close();
            }
            NDScope.unregister(outputs);
            outputs.attach(manager);
            return outputs;
        }
    }

    private NDArray outputs(NDArray stream, RowLayout layout, int[] rows, NDManager local) {
        if (model.config().head().pooled() || (rows.length == layout.rows() && isRange(rows))) {
            return ends.outputs(stream, layout, layout.pooled());
        }
        NDArray wanted = local.create(rows);
        boolean headless = model.config().head().task() == HeadShape.Task.HIDDEN_STATES;
        // Hooks at the end see every position; without them only the rows asked for are computed.
        if (headless || taps.waits(HookKind.LOGITS, -1)) {
            return LayerMaths.gather(ends.outputs(stream, layout, layout.pooled()), wanted);
        }
        boolean watched = model.points().all().stream()
                .anyMatch(point -> point.reach() == HookKind.Reach.READOUT && taps.waits(point.kind(), -1));
        NDArray read = watched
                ? LayerMaths.gather(ends.beforeUnembedding(stream, layout), wanted)
                : ends.beforeUnembedding(LayerMaths.gather(stream, wanted));
        return ends.logits(read);
    }

    private static boolean isRange(int[] rows) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] != i) {
                return false;
            }
        }
        return true;
    }

    /** The model that this pass runs. */
    public HookedModel model() {
        return model;
    }
}
