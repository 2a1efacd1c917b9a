package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.rows.InputPositions;
import dev.kausal.engine.rows.PackedHooks;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.InPlace;
import dev.kausal.engine.tensor.Indices;
import java.util.List;
import java.util.function.Function;

/** Computes the residual stream before the first layer, from tokens or pixels. */
public final class Embedding {
    private final ModelConfig config;
    private final Weights weights;
    private final EmbeddingConfig shape;
    private final LayerMaths maths;
    private final PackedHooks packedHooks;

    public Embedding(Transformer model, PackedHooks packedHooks) {
        this.config = model.config();
        this.weights = model.weights();
        this.shape = config.embedding();
        this.maths = new LayerMaths(config, model.rules());
        this.packedHooks = packedHooks;
    }

    /** Returns the residual stream before layer 0 [row, d_model] for some positions of some inputs. */
    public NDArray of(List<InputPositions> rows, RowLayout layout, NDManager local) {
        if (config.readsImages()) {
            PatchConfig image = shape.image().orElseThrow();
            ImageEmbedding images = new ImageEmbedding(image, weights, maths);
            NDArray tokens = packedHooks.rows(HookKind.EMBED, -1, images.embed(rows, local), layout);
            NDArray sum = shape.learnedPositions()
                    ? tokens.add(packedHooks.rows(HookKind.POS_EMBED, -1, images.positions(rows, local), layout))
                    : tokens;
            return shape.embedNorm() ? embedNorm(sum, layout) : sum;
        }
        NDArray gathered = table(Parameter.EMBED, local, ids(rows, Input::ids));
        NDArray scaled = shape.embedScale() == 1 ? gathered : InPlace.mul(gathered, (float) shape.embedScale());
        NDArray sum = packedHooks.rows(HookKind.EMBED, -1, scaled, layout);
        if (shape.learnedPositions()) {
            int[] positions = ids(rows, input -> shape.positionRows(input.ids()));
            NDArray embedded = table(Parameter.POSITION_EMBED, local, positions);
            sum = sum.add(packedHooks.rows(HookKind.POS_EMBED, -1, embedded, layout));
        }
        if (shape.tokenTypes() > 0) {
            NDArray embedded = table(Parameter.TOKEN_TYPE_EMBED, local, ids(rows, Input::types));
            sum = sum.add(packedHooks.rows(HookKind.TOKEN_TYPE_EMBED, -1, embedded, layout));
        }
        NDArray read = shape.projectsFirst() ? projected(sum) : sum;
        NDArray normed = shape.embedNorm() ? embedNorm(read, layout) : read;
        return shape.projectsFirst() ? normed : projected(normed);
    }

    /** Maps embeddings to the stream's width. */
    private NDArray projected(NDArray embeds) {
        return shape.embedWidth() == 0
                ? embeds
                : maths.project(
                        embeds, weights.get(Parameter.EMBED_PROJECTION), weights.find(Parameter.EMBED_PROJECTION_BIAS));
    }

    private NDArray table(Parameter table, NDManager local, int[] rows) {
        return weights.rows(table, rows, local);
    }

    private static int[] ids(List<InputPositions> rows, Function<Input, int[]> of) {
        Indices ids = new Indices();
        for (InputPositions one : rows) {
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
                weights.find(Parameter.EMBED_NORM_BIAS),
                scale -> packedHooks.rows(HookKind.EMBED_LN_SCALE, -1, scale, layout),
                x -> packedHooks.rows(HookKind.EMBED_LN_NORMALIZED, -1, x, layout));
        return packedHooks.rows(HookKind.FULL_EMBED, -1, normed, layout);
    }
}
