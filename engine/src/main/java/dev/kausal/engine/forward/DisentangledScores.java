package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.RelativePositionConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Products of queries and keys with projected distance embeddings, as in DeBERTa (He et al. 2020).
 *
 * <p>They are recomputed in each pass, for the distances in a prompt of the segment's length: gradients reach the
 * projections, and weights may change between passes.
 */
final class DisentangledScores implements RelativePositions {
    private final ModelConfig config;
    private final RelativePositionConfig.Disentangled shape;
    private final LayerMaths maths;
    private final float scale;

    DisentangledScores(ModelConfig config, RelativePositionConfig.Disentangled shape) {
        this.config = config;
        this.shape = shape;
        this.maths = new LayerMaths(config);
        this.scale = (float) config.attention().scale();
    }

    /** Counts from the first table row for a prompt of this length. */
    @Override
    public int row(AttentionGroup segment, int query, int key) {
        return shape.row(query - key) - first(segment);
    }

    private int first(AttentionGroup segment) {
        return shape.row(1 - segment.length());
    }

    @Override
    public NDArray added(Transformer model, int layer, Scored scored) {
        LayerWeights w = model.weights().layers().get(layer);
        NDArray distances = distances(model.weights(), scored.segment());
        AttentionBatch rows = scored.rows();
        NDArray index = Present.of(rows.distances(), "distances of these rows")
                .toType(DataType.INT64, true)
                .reshape(1, -1, rows.queries(), rows.lent() + rows.own());
        index = index.broadcast(new Shape(
                config.heads(),
                rows.variants(),
                rows.queries(),
                index.getShape().get(3)));
        NDArray sum = null;
        if (shape.keys()) {
            sum = met(scored.queries(), heads(distances, keys(w)), rows, index);
        }
        if (shape.queries()) {
            NDArray queries = heads(distances, queries(w));
            NDArray term = met(queries.mul(Recording.scalar(queries, scale)), scored, index);
            sum = sum == null ? term : sum.add(term);
        }
        return Present.of(sum, "term of keys or queries").expandDims(2);
    }

    /** Returns the embeddings of the distances in a prompt [distance, d_model]. */
    private NDArray distances(Weights weights, AttentionGroup segment) {
        NDArray rows = Slices.of(
                weights.get(Parameter.RELATIVE_EMBED), 0, first(segment), shape.row(segment.length() - 1) + 1L);
        return shape.normed()
                ? maths.norm(
                        rows,
                        weights.get(Parameter.RELATIVE_NORM_GAIN),
                        weights.find(Parameter.RELATIVE_NORM_BIAS),
                        UnaryOperator.identity(),
                        UnaryOperator.identity())
                : rows;
    }

    /** A dense layer; the bias may be null. */
    private record Dense(NDArray weight, @Nullable NDArray bias) {}

    private Dense keys(LayerWeights w) {
        long width = (long) config.heads() * config.dHead();
        return shape.shared()
                ? columns(w, width, 2 * width)
                : new Dense(Present.of(w.relativeKey(), "projection of distances to keys"), w.relativeKeyBias());
    }

    private Dense queries(LayerWeights w) {
        long width = (long) config.heads() * config.dHead();
        return shape.shared()
                ? columns(w, 0, width)
                : new Dense(Present.of(w.relativeQuery(), "projection of distances to queries"), w.relativeQueryBias());
    }

    private static Dense columns(LayerWeights w, long from, long to) {
        NDArray bias = w.qkvBias();
        return new Dense(w.qkv().columns(from, to).float32(), bias == null ? null : Slices.of(bias, 0, from, to));
    }

    /** Returns projected distances [head, distance, d_head]. */
    private NDArray heads(NDArray distances, Dense dense) {
        return maths.project(distances, dense.weight(), dense.bias())
                .reshape(-1, config.heads(), config.dHead())
                .transpose(1, 0, 2);
    }

    /** Multiplies queries with distances [head, distance, d_head]: [head, variant, query, key]. */
    private NDArray met(NDArray queries, NDArray keys, AttentionBatch rows, NDArray index) {
        return queries.reshape(config.heads(), (long) rows.variants() * rows.queries(), config.dHead())
                .matMul(keys.transpose(0, 2, 1))
                .reshape(config.heads(), rows.variants(), rows.queries(), -1)
                .gather(index, 3);
    }

    /** Multiplies base-run and own keys with distances [head, distance, d_head]: [head, variant, query, key]. */
    private NDArray met(NDArray queries, Scored scored, NDArray index) {
        AttentionBatch rows = scored.rows();
        long distances = queries.getShape().get(1);
        long heads = config.heads();
        NDList sides = new NDList(2);
        if (rows.lent() > 0) {
            NDArray met = queries.matMul(scored.lent())
                    .reshape(heads, 1, distances, rows.lent())
                    .broadcast(new Shape(heads, rows.variants(), distances, rows.lent()));
            sides.add(met.gather(Slices.of(index, 3, 0, rows.lent()), 2));
        }
        if (rows.own() > 0) {
            NDArray own = scored.own().transpose(1, 2, 0);
            NDArray met = queries.matMul(own)
                    .reshape(heads, distances, rows.variants(), rows.own())
                    .transpose(0, 2, 1, 3);
            sides.add(met.gather(Slices.of(index, 3, rows.lent(), rows.lent() + rows.own()), 2));
        }
        return sides.size() == 1 ? sides.get(0) : NDArrays.concat(sides, 3);
    }
}
