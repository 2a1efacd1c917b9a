package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.LayerWeights;
import org.jspecify.annotations.Nullable;

/**
 * The way back from gradients at queries, keys and values to those at what each head reads: the residual stream before the
 * first norm, as if each head had a copy of its own.
 *
 * <p>With {@code n} the normalised row and {@code s} the divisor of the norm, a gradient {@code g} at the queries of a head
 * becomes {@code gain * W g / s - n ((q - bias) . g / s) / d_model}, without its mean for a LayerNorm. Only {@code n} has the
 * width of the model, so means over several passes are taken before the projection. Arrays belong to the open NDScope.
 *
 * <p>Readers are query heads, then the key-value heads for keys, then those for values.
 */
public final class HeadInputs {
    private final Transformer model;
    private final ModelConfig config;
    private final boolean frozen;
    private final boolean centres;

    /** Creates the way back by the rules of {@code model}. */
    public HeadInputs(Transformer model) {
        this.model = model;
        this.config = model.config();
        this.frozen = model.rules().norms() == Linearisation.Norms.FROZEN;
        this.centres = new LayerMaths(config).centres();
    }

    /**
     * Gradients of one pass, before the projection.
     *
     * @param scaled gradients divided by the norm's divisor [row, reader, d_head]
     * @param along share of each normalised row that is subtracted [row, reader]; null if no gradient flows through a divisor
     */
    public record Part(NDArray scaled, @Nullable NDArray along) {}

    /** Returns whether a norm lies between the stream and the projection of a layer. */
    public boolean normed(int layer) {
        return config.block().order().normsInput() && weights(layer).ln1Gain() != null;
    }

    /** Returns the number of readers of a layer. */
    public int readers() {
        return config.heads() + 2 * config.keyValueHeads();
    }

    private LayerWeights weights(int layer) {
        return model.weights().layers().get(layer);
    }

    /**
     * Returns the gradients of a pass before the projection.
     *
     * @param values queries, keys and values with their biases, before norms of heads [row, head, d_head]
     * @param gradients at these, shaped as they are
     * @param scale divisor of the norm [row, 1]; null without a norm
     */
    public Part part(int layer, NDList values, NDList gradients, @Nullable NDArray scale) {
        NDArray all = NDArrays.concat(gradients, 1);
        if (scale == null) {
            return new Part(all, null);
        }
        NDArray scaled = all.div(scale.expandDims(2));
        if (frozen) {
            return new Part(scaled, null);
        }
        NDArray bias = bias(layer);
        NDArray made = NDArrays.concat(values, 1);
        NDArray products = (bias == null ? made : made.sub(bias)).mul(scaled);
        return new Part(scaled, products.sum(new int[] {2}).div(config.dModel()));
    }

    /** Returns queries, keys and values of a stream that the norm maps to its bias [1, reader, d_head]; null if these are 0. */
    private @Nullable NDArray bias(int layer) {
        LayerWeights w = weights(layer);
        NDArray ofNorm = w.ln1Bias();
        NDArray projected =
                ofNorm == null ? null : ofNorm.reshape(1, -1).matMul(w.qkv().float32());
        NDArray own = w.qkvBias();
        NDArray sum = projected == null || own == null ? projected : projected.add(own);
        NDArray bias = sum == null ? own : sum;
        return bias == null ? null : bias.reshape(1, readers(), config.dHead());
    }

    /**
     * Returns the sum of the gradients of several passes, at what each head reads.
     *
     * @param scaled sum of {@link Part#scaled()} over the passes
     * @param along shares of the normalised rows [row, reader, pass]; null if none are subtracted
     * @param normalized the normalised rows [row, pass, d_model]; null likewise
     * @return [row, reader, d_model]
     */
    public NDArray of(int layer, NDArray scaled, @Nullable NDArray along, @Nullable NDArray normalized) {
        LayerWeights w = weights(layer);
        NDArray columns = w.qkv()
                .float32()
                .reshape(config.dModel(), readers(), config.dHead())
                .transpose(1, 2, 0);
        NDArray projected = scaled.transpose(1, 0, 2).matMul(columns);
        if (normed(layer)) {
            projected.muli(Present.of(w.ln1Gain(), "gain of a norm in layer " + layer));
            if (centres) {
                projected.subi(projected.mean(new int[] {-1}, true));
            }
        }
        NDArray byRow = projected.transpose(1, 0, 2);
        return along == null ? byRow : byRow.sub(along.matMul(Present.of(normalized, "normalised rows")));
    }
}
