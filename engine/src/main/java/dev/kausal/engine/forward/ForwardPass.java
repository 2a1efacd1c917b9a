package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.rows.KeyValues;
import dev.kausal.engine.rows.PackedHooks;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tensor.Tuning;

/**
 * One pass of whole sequences, firing every hook point: the special case of packed rows in which every row is computed,
 * from the embedding on. Each layer's arrays live in a scope that ends with it.
 */
public final class ForwardPass {
    private final Transformer model;
    private final PackedHooks packedHooks;
    private final Embedding embedding;
    private final OutputHead head;
    private final Positions positions;
    private final Block block;

    /** Creates a pass over {@code model} with these hooks; it may run any number of times. */
    public ForwardPass(Transformer model, Hooks hooks) {
        this.model = model;
        this.packedHooks = new HookDispatch(model.points(), hooks);
        this.embedding = new Embedding(model, packedHooks);
        this.head = new OutputHead(model, packedHooks);
        this.positions = new Positions(model.config());
        this.block = new Block(model, positions, packedHooks, KeyValues.NONE);
    }

    /**
     * Runs a batch.
     *
     * @param rows packed rows to unembed, in this order; ignored if the head pools
     * @return logits [rows.length, vocabulary]; for a pooled head [input, classes]; without a head, hidden states
     *     [rows.length, d_model]; owned by {@code manager}
     */
    public NDArray run(InputBatch batch, int[] rows, NDManager manager) {
        Torch.inference();
        try (Scope scope = model.device().scope()) {
            NDManager local = scope.manager();
            LayerBatch layerRows = rows(batch, local);
            NDArray embedded = embed(batch, local);
            NDScope.unregister(embedded);
            NDArray stream = block.runAll(embedded, layerRows, layerRows);
            NDArray outputs = outputs(stream, batch.layout(), rows, local);
            if (outputs != stream) {
                stream.close();
            }
            NDScope.unregister(outputs);
            outputs.attach(manager);
            return outputs;
        }
    }

    /** Returns whether a pass of prompts of {@code length} tokens may keep scores of attention, even if no hook reads them. */
    public static boolean keepsScores(ModelConfig config, Tuning tuning, Linearisation rules, int length) {
        return !BlockwiseAttention.computesAll(config, tuning, rules, length);
    }

    /** Returns the rows of a batch as every layer reads them; owned by {@code local} or the open NDScope. */
    public LayerBatch rows(InputBatch batch, NDManager local) {
        return LayerBatch.of(batch.layout(), positions, local);
    }

    /** Returns the stream before the first layer [row, d_model], in the open NDScope. */
    public NDArray embed(InputBatch batch, NDManager local) {
        return embedding.of(batch.present(), batch.layout(), local);
    }

    /** Runs one layer; see {@link Block#run}. */
    public NDArray layer(int layer, NDArray stream, LayerBatch rows) {
        return block.run(layer, stream, rows);
    }

    /**
     * Returns the outputs of the stream after the last layer, in the open NDScope; see {@link #run}.
     *
     * @param rows packed rows to unembed
     */
    public NDArray outputs(NDArray stream, RowLayout layout, int[] rows, NDManager local) {
        if (model.config().head().pooled() || (rows.length == layout.rows() && isRange(rows))) {
            return head.outputs(stream, layout, layout.pooled());
        }
        NDArray wanted = local.create(rows);
        boolean headless = model.config().head().task() == OutputHeadConfig.Task.HIDDEN_STATES;
        // Final hooks see every position; without them only the requested rows are computed.
        if (headless || packedHooks.waits(HookKind.LOGITS, -1)) {
            return Slices.gather(head.outputs(stream, layout, layout.pooled()), wanted);
        }
        boolean watched = model.points().all().stream()
                .anyMatch(point -> point.reach() == HookKind.Reach.READOUT && packedHooks.waits(point.kind(), -1));
        NDArray read = watched
                ? Slices.gather(head.beforeUnembedding(stream, layout), wanted)
                : head.beforeUnembedding(Slices.gather(stream, wanted));
        return head.logits(read);
    }

    private static boolean isRange(int[] rows) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] != i) {
                return false;
            }
        }
        return true;
    }
}
