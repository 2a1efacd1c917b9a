package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.model.EndShape;
import dev.kausal.engine.model.HeadShape;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ImageShape;
import dev.kausal.engine.model.Input;
import dev.kausal.engine.model.ModelConfig;
import dev.kausal.engine.model.Parameter;
import dev.kausal.engine.model.Weights;
import dev.kausal.engine.tensor.InPlace;
import dev.kausal.engine.tensor.Indices;
import java.util.List;
import java.util.function.Function;

/** What stands before the first layer and after the last: embedding, final norm, head. */
public final class Ends {
    /** What a model without a head computes only where it is looked at. */
    private static final List<HookKind> POOLED_POINTS =
            List.of(HookKind.POOLER_OUT, HookKind.FINAL_SCALE, HookKind.FINAL_NORMALIZED);

    private final ModelConfig config;
    private final Weights weights;
    private final EndShape shape;
    private final HeadShape head;
    private final LayerMaths maths;
    private final Taps taps;

    /** The model's ends with nothing at their hook points. Arrays made land in the open NDScope. */
    public Ends(HookedModel model) {
        this(model, Taps.NONE);
    }

    Ends(HookedModel model, Taps taps) {
        this.config = model.config();
        this.weights = model.weights();
        this.shape = config.ends();
        this.head = config.head();
        this.maths = new LayerMaths(config);
        this.taps = taps;
    }

    /** The residual stream before layer 0 [row, d_model] of some positions of some inputs. */
    NDArray embed(List<InputRows> rows, RowLayout layout, NDManager local) {
        if (config.readsImages()) {
            ImageShape image = shape.image().orElseThrow();
            ImageEmbedding images = new ImageEmbedding(image, weights, maths);
            NDArray tokens = taps.rows(HookKind.EMBED, -1, images.embed(rows, local), layout);
            NDArray sum = shape.learnedPositions()
                    ? tokens.add(taps.rows(HookKind.POS_EMBED, -1, images.positions(rows, local), layout))
                    : tokens;
            return shape.embedNorm() ? embedNorm(sum, layout) : sum;
        }
        NDArray gathered = table(Parameter.EMBED, local, ids(rows, Input::ids));
        NDArray scaled = shape.embedScale() == 1 ? gathered : InPlace.mul(gathered, (float) shape.embedScale());
        NDArray sum = taps.rows(HookKind.EMBED, -1, scaled, layout);
        if (shape.learnedPositions()) {
            int[] positions = ids(rows, input -> shape.positionRows(input.ids()));
            NDArray embedded = table(Parameter.POSITION_EMBED, local, positions);
            sum = sum.add(taps.rows(HookKind.POS_EMBED, -1, embedded, layout));
        }
        if (shape.tokenTypes() > 0) {
            NDArray embedded = table(Parameter.TOKEN_TYPE_EMBED, local, ids(rows, Input::types));
            sum = sum.add(taps.rows(HookKind.TOKEN_TYPE_EMBED, -1, embedded, layout));
        }
        NDArray read = shape.projectsFirst() ? projected(sum) : sum;
        NDArray normed = shape.embedNorm() ? embedNorm(read, layout) : read;
        return shape.projectsFirst() ? normed : projected(normed);
    }

    /** Embeddings brought to the stream's width. */
    private NDArray projected(NDArray embeds) {
        return shape.embedWidth() == 0
                ? embeds
                : maths.project(
                        embeds, weights.get(Parameter.EMBED_PROJECTION), weights.get(Parameter.EMBED_PROJECTION_BIAS));
    }

    private NDArray table(Parameter table, NDManager local, int[] rows) {
        return LayerMaths.gather(weights.get(table), local.create(rows));
    }

    private static int[] ids(List<InputRows> rows, Function<Input, int[]> of) {
        Indices ids = new Indices();
        for (InputRows one : rows) {
            int[] all = of.apply(one.input());
            for (int position : one.positions()) {
                ids.add(all[position]);
            }
        }
        return ids.ints();
    }

    private NDArray embedNorm(NDArray sum, RowLayout layout) {
        NDArray normed = maths.norm(
                sum,
                weights.get(Parameter.EMBED_NORM_GAIN),
                weights.get(Parameter.EMBED_NORM_BIAS),
                scale -> taps.rows(HookKind.EMBED_LN_SCALE, -1, scale, layout),
                x -> taps.rows(HookKind.EMBED_LN_NORMALIZED, -1, x, layout));
        return taps.rows(HookKind.FULL_EMBED, -1, normed, layout);
    }

    /**
     * The stream after the last layer to outputs, past the taps.
     *
     * @param stream [row, d_model]; for a pooled head, at least the rows that it reads
     * @param pooled one row per variant of {@code layout}
     * @return logits [row, outputs], of a pooled head logits or an embedding [variant, outputs]; hidden states where there
     *     is no head
     */
    NDArray outputs(NDArray stream, RowLayout layout, RowLayout pooled) {
        NDArray x = beforeUnembedding(stream, layout, taps);
        if (head.task() == HeadShape.Task.HIDDEN_STATES) {
            if (head.hasPoolerPoint() && POOLED_POINTS.stream().anyMatch(kind -> taps.waits(kind, -1))) {
                pool(x, layout, pooled);
            }
            return x;
        }
        if (!head.pooled()) {
            return taps.rows(HookKind.LOGITS, -1, logits(x), layout);
        }
        NDArray row = pool(x, layout, pooled);
        if (head.normedAgain()) {
            row = normedAgain(row, pooled, taps);
        }
        if (head.norm() == HeadShape.NormAt.POOLED_ROW) {
            row = finalNorm(row, pooled, taps);
        }
        return head.task() == HeadShape.Task.EMBEDDING
                ? logits(row)
                : taps.rows(HookKind.LOGITS, -1, logits(row), pooled);
    }

    /** Rows without taps up to the unembedding: [row, d_model] to the same. */
    public NDArray beforeUnembedding(NDArray stream) {
        return beforeUnembedding(stream, null, Taps.NONE);
    }

    /** Rows past the taps up to the unembedding or pooling: [row, d_model] to the same. */
    NDArray beforeUnembedding(NDArray stream, RowLayout layout) {
        return beforeUnembedding(stream, layout, taps);
    }

    private NDArray beforeUnembedding(NDArray stream, RowLayout layout, Taps passed) {
        if (head.normedAgain()) {
            NDArray normed = finalNorm(stream, layout, passed);
            return head.transform().isEmpty()
                    ? normed
                    : normedAgain(transformed(normed, layout, passed), layout, passed);
        }
        NDArray x = transformed(stream, layout, passed);
        return head.norm() == HeadShape.NormAt.EVERY_ROW ? finalNorm(x, layout, passed) : x;
    }

    /** The dense layer that a masked-LM head puts before the norm. */
    private NDArray transformed(NDArray x, RowLayout layout, Taps passed) {
        if (head.transform().isEmpty()) {
            return x;
        }
        NDArray dense = maths.project(x, weights.get(Parameter.TRANSFORM), weights.get(Parameter.TRANSFORM_BIAS));
        NDArray pre = passed.rows(HookKind.MLM_PRE, -1, dense, layout);
        return passed.rows(HookKind.MLM_POST, -1, head.transform().get().apply(pre), layout);
    }

    private NDArray finalNorm(NDArray x, RowLayout layout, Taps passed) {
        return maths.norm(
                x,
                weights.finalGain(),
                weights.finalBias(),
                scale -> passed.rows(HookKind.FINAL_SCALE, -1, scale, layout),
                normalized -> passed.rows(HookKind.FINAL_NORMALIZED, -1, normalized, layout));
    }

    private NDArray normedAgain(NDArray x, RowLayout layout, Taps passed) {
        return maths.norm(
                x,
                weights.get(Parameter.HEAD_NORM_GAIN),
                weights.get(Parameter.HEAD_NORM_BIAS),
                scale -> passed.rows(HookKind.HEAD_LN_SCALE, -1, scale, layout),
                normalized -> passed.rows(HookKind.HEAD_LN_NORMALIZED, -1, normalized, layout));
    }

    private NDArray pool(NDArray x, RowLayout layout, RowLayout pooled) {
        NDArray row = Pooling.of(config, layout, x, new AttentionPool(config, weights, maths));
        if (head.task() == HeadShape.Task.HIDDEN_STATES && head.norm() == HeadShape.NormAt.POOLED_ROW) {
            row = finalNorm(row, pooled, taps);
        }
        if (head.pooler().isPresent()) {
            NDArray dense = maths.project(row, weights.get(Parameter.POOLER), weights.get(Parameter.POOLER_BIAS));
            row = head.pooler().get().apply(dense);
        }
        return head.hasPoolerPoint() ? taps.rows(HookKind.POOLER_OUT, -1, row, pooled) : row;
    }

    /** What the head reads [row, width] to logits [row, outputs]. */
    public NDArray logits(NDArray normalized) {
        return capped(maths.project(normalized, weights.unembed(), weights.unembedBias()));
    }

    /** Normed rows [row, d_model] to the logits of these tokens only [row, token]. */
    NDArray logits(NDArray normalized, NDArray tokens) {
        NDArray columns = LayerMaths.gather(weights.unembed().transpose(), tokens);
        NDArray logits = normalized.matMul(columns.transpose());
        NDArray bias = weights.unembedBias();
        return capped(bias == null ? logits : InPlace.add(logits, bias.take(tokens)));
    }

    private NDArray capped(NDArray logits) {
        float cap = (float) shape.finalSoftCap();
        return cap == 0 ? logits : InPlace.mul(InPlace.div(logits, cap).tanh(), cap);
    }
}
