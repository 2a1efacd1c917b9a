package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.LayerWeights;
import dev.kausal.engine.model.ModelConfig;
import dev.kausal.engine.model.Weights;
import dev.kausal.engine.tensor.Torch;

/**
 * One pass of packed rows through a decoder, firing every hook point on its way.
 *
 * <p>The order of a block is pre-norm, sequential: attention reads the residual stream and adds to it, then the MLP.
 * Nothing that a hook has seen is changed in place afterwards. Each layer's arrays live in a scope that ends with it.
 */
public final class ForwardPass {
    private final HookedModel model;
    private final ModelConfig config;
    private final Weights weights;
    private final HookDispatch hooks;
    private final LayerMaths maths;
    private final Attention attention;

    /** A pass over {@code model} with these hooks; may be run any number of times. */
    public ForwardPass(HookedModel model, Hooks hooks) {
        this.model = model;
        this.config = model.config();
        this.weights = model.weights();
        this.hooks = new HookDispatch(model.points(), hooks);
        this.maths = new LayerMaths(model.architecture(), config);
        this.attention = new Attention(config, maths, this.hooks);
    }

    /**
     * Runs a batch.
     *
     * @param rows packed rows to unembed, in this order
     * @return logits [rows.length, vocabulary], owned by {@code manager}
     */
    public NDArray run(TokenBatch batch, int[] rows, NDManager manager) {
        Torch.inference();
        try (NDScope scope = new NDScope();
                NDManager local = Torch.manager()) {
            scope.suppressNotUsedWarning();
            hooks.start(batch);
            Attention.Tables tables = attention.tables(batch, local);
            NDArray stream = embed(batch, local);
            for (int layer = 0; layer < config.layers(); layer++) {
                NDArray next = block(layer, stream, batch, tables);
                stream.close();
                stream = next;
            }
            NDArray logits = unembed(stream, batch, rows, local);
            stream.close();
            NDScope.unregister(logits);
            logits.attach(manager);
            return logits;
        }
    }

    private NDArray embed(TokenBatch batch, NDManager local) {
        NDArray tokens = maths.gather(weights.embed(), local.create(batch.ids()));
        tokens = hooks.rows(HookKind.EMBED, -1, tokens);
        if (weights.positionEmbed() != null) {
            NDArray positions = maths.gather(weights.positionEmbed(), local.create(batch.positions()));
            tokens = tokens.add(hooks.rows(HookKind.POS_EMBED, -1, positions));
        }
        NDScope.unregister(tokens);
        return tokens;
    }

    /** [rows, d_model] to [rows, d_model]; the result is outside every scope and the caller's to close. */
    private NDArray block(int layer, NDArray stream, TokenBatch batch, Attention.Tables tables) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            LayerWeights w = weights.layers().get(layer);
            NDArray pre = hooks.rows(HookKind.RESID_PRE, layer, stream);
            NDArray attnOut = attention.run(layer, w, pre, batch, tables);
            NDArray mid = hooks.rows(HookKind.RESID_MID, layer, pre.add(hooks.rows(HookKind.ATTN_OUT, layer, attnOut)));
            NDArray mlpOut = mlp(layer, w, hooks.rows(HookKind.MLP_IN, layer, mid));
            NDArray post = hooks.rows(HookKind.RESID_POST, layer, mid.add(hooks.rows(HookKind.MLP_OUT, layer, mlpOut)));
            NDScope.unregister(post);
            return post;
        }
    }

    private NDArray mlp(int layer, LayerWeights w, NDArray mid) {
        NDArray x = maths.norm(
                mid,
                w.ln2Gain(),
                w.ln2Bias(),
                scale -> hooks.rows(HookKind.LN2_SCALE, layer, scale),
                normalized -> hooks.rows(HookKind.LN2_NORMALIZED, layer, normalized));
        NDArray post;
        if (w.gate() == null) {
            NDArray pre = hooks.rows(HookKind.PRE, layer, maths.project(x, w.mlpIn(), w.mlpInBias()));
            post = config.activation().apply(pre);
        } else {
            NDArray pre = hooks.rows(HookKind.PRE, layer, maths.project(x, w.gate(), w.gateBias()));
            NDArray linear = hooks.rows(HookKind.PRE_LINEAR, layer, maths.project(x, w.mlpIn(), w.mlpInBias()));
            post = config.activation().apply(pre).muli(linear);
        }
        return maths.project(hooks.rows(HookKind.POST, layer, post), w.mlpOut(), w.mlpOutBias());
    }

    private NDArray unembed(NDArray stream, TokenBatch batch, int[] rows, NDManager local) {
        // Hooks at the end see every position; without them only the rows asked for are computed.
        boolean whole =
                hooks.any(HookKind.FINAL_SCALE) || hooks.any(HookKind.FINAL_NORMALIZED) || hooks.any(HookKind.LOGITS);
        NDArray wanted = local.create(rows);
        NDArray x = whole ? stream : select(stream, wanted, rows, batch);
        NDArray normalized = maths.norm(
                x,
                weights.finalGain(),
                weights.finalBias(),
                scale -> whole ? hooks.rows(HookKind.FINAL_SCALE, -1, scale) : scale,
                y -> whole ? hooks.rows(HookKind.FINAL_NORMALIZED, -1, y) : y);
        NDArray logits = maths.project(normalized, weights.unembed(), null);
        return whole ? select(hooks.rows(HookKind.LOGITS, -1, logits), wanted, rows, batch) : logits;
    }

    private NDArray select(NDArray x, NDArray wanted, int[] rows, TokenBatch batch) {
        return rows.length == batch.rows() && java.util.Arrays.equals(rows, batch.allRows())
                ? x
                : maths.gather(x, wanted);
    }

    /** The model that this pass runs. */
    public HookedModel model() {
        return model;
    }
}
