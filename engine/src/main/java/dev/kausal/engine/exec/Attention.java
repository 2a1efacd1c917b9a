package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.model.AttentionShape;
import dev.kausal.engine.model.LayerWeights;
import dev.kausal.engine.model.ModelConfig;
import java.util.List;
import java.util.Map;

/**
 * Self-attention of packed rows, grouped-query where the model has fewer key and value heads.
 *
 * <p>Rows of many variants of one prompt look at the base run's keys in one product, and at their own in another: what
 * the variants share is neither computed nor copied for each.
 */
final class Attention {
    private static final HeadNormPoints QUERY_NORM =
            new HeadNormPoints(HookKind.Q_NORM_SCALE, HookKind.Q_NORM_NORMALIZED, HookKind.Q_NORMED);
    private static final HeadNormPoints KEY_NORM =
            new HeadNormPoints(HookKind.K_NORM_SCALE, HookKind.K_NORM_NORMALIZED, HookKind.K_NORMED);

    private final ModelConfig config;
    private final Projections projections;
    private final LayerMaths maths;
    private final Positions positions;
    private final Taps taps;
    private final KeyValues memory;
    private final float scale;
    private final float softCap;

    Attention(ModelConfig config, LayerMaths maths, Positions positions, Taps taps, KeyValues memory) {
        this.config = config;
        this.projections = new Projections(config, maths, taps);
        this.maths = maths;
        this.positions = positions;
        this.taps = taps;
        this.memory = memory;
        this.scale = (float) config.attention().scale();
        this.softCap = (float) config.attention().softCap();
    }

    /**
     * One layer's attention.
     *
     * @param stream [key row, d_model]
     * @return what it adds to the stream [query row, d_model], output bias included
     */
    NDArray run(int layer, LayerWeights w, NDArray stream, LayerRows rows) {
        Projections.Heads heads = projections.of(layer, w, stream, rows);
        NDArray q = taps.rows(HookKind.Q, layer, heads.q(), rows.queries());
        NDArray k = taps.rows(HookKind.K, layer, heads.k(), rows.keys());
        NDArray v = taps.rows(HookKind.V, layer, heads.v(), rows.keys());
        if (config.attention().headNorm() != AttentionShape.HeadNorm.NONE) {
            q = norm(QUERY_NORM, layer, q, w.queryNormGain(), w.queryNormBias(), rows.queries());
            k = norm(KEY_NORM, layer, k, w.keyNormGain(), w.keyNormBias(), rows.keys());
        }
        if (config.rotary()) {
            Rotary rotary = positions.rotary(layer);
            // Where other layers turn, one that does not has the points too.
            q = taps.rows(HookKind.ROT_Q, layer, turned(rotary, q, rows.queryAngles()), rows.queries());
            k = taps.rows(HookKind.ROT_K, layer, turned(rotary, k, rows.keyAngles()), rows.keys());
        }
        memory.keep(layer, k, v, rows.keys());
        NDArray z = taps.rows(HookKind.Z, layer, mix(layer, q, k, v, rows), rows.queries());
        return output(layer, w, z, rows.queries());
    }

    private static NDArray turned(Rotary rotary, NDArray x, Map<Rotary, Rotary.Angles> angles) {
        return rotary == null ? x : rotary.rotate(x, angles.get(rotary));
    }

    /** Hook points of a norm of queries or keys. */
    private record HeadNormPoints(HookKind scale, HookKind normalized, HookKind normed) {}

    /** Norms x [row, head, d_head], head by head or all heads as one row. */
    private NDArray norm(HeadNormPoints points, int layer, NDArray x, NDArray gain, NDArray bias, RowLayout layout) {
        boolean all = config.attention().headNorm() == AttentionShape.HeadNorm.ALL_HEADS;
        NDArray normed = maths.norm(
                        all ? x.reshape(layout.rows(), -1) : x,
                        gain,
                        bias,
                        scale -> taps.rows(points.scale(), layer, scale, layout),
                        normalized -> taps.rows(points.normalized(), layer, normalized, layout))
                .reshape(x.getShape());
        return taps.rows(points.normed(), layer, normed, layout);
    }

    /** Weighted values z [query row, head, d_head]. */
    private NDArray mix(int layer, NDArray q, NDArray k, NDArray v, LayerRows rows) {
        NDArray scaled = q.mul(scale);
        List<NDArray> masks = rows.masks(positions.window(layer));
        NDList parts = new NDList();
        for (int i = 0; i < rows.queries().segments().size(); i++) {
            Segment asking = rows.queries().segments().get(i);
            Segment asked = rows.keys().segments().get(i);
            NDArray queries = queries(part(scaled, asking, rows.queries()), asking);
            NDArray scores = scores(layer, queries, part(k, asked, rows.keys()), asked);
            if (softCap > 0) {
                scores = scores.div(softCap).tanh().muli(softCap);
            }
            if (masks.get(i) != null) {
                scores.addi(masks.get(i));
            }
            scores = tapped(HookKind.ATTN_SCORES, layer, scores, asking);
            NDArray pattern = tapped(HookKind.PATTERN, layer, scores.softmax(-1), asking);
            parts.add(values(layer, pattern, part(v, asked, rows.keys()), asking));
        }
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
    }

    private static NDArray part(NDArray packed, Segment segment, RowLayout layout) {
        return layout.segments().size() == 1
                ? packed
                : packed.get(segment.start() + ":" + (segment.start() + segment.rows()));
    }

    /** [variant * query, head, d_head] to [key-value head, variant, group, query, d_head]. */
    private NDArray queries(NDArray q, Segment segment) {
        return q.reshape(
                        segment.variants(),
                        segment.positions().length,
                        config.keyValueHeads(),
                        config.groupSize(),
                        config.dHead())
                .transpose(2, 0, 3, 1, 4);
    }

    /**
     * Scores of every position of the prompt: those of base keys and those of own keys, side by side.
     *
     * @param k own keys [variant * own position, key-value head, d_head]
     * @return [key-value head, variant, group, query, key]
     */
    private NDArray scores(int layer, NDArray queries, NDArray k, Segment asked) {
        long kv = config.keyValueHeads();
        long asking = queries.getShape().get(3);
        long variants = asked.variants();
        long perVariant = config.groupSize() * asking;
        NDList sides = new NDList(2);
        if (asked.ownFrom() > 0) {
            NDArray shared = memory.keys(layer, asked.base());
            NDArray before = asked.ownFrom() == asked.length() ? shared : shared.get(":, :, 0:" + asked.ownFrom());
            sides.add(queries.reshape(kv, variants * perVariant, config.dHead())
                    .matMul(before)
                    .reshape(kv, variants, config.groupSize(), asking, asked.ownFrom()));
        }
        if (asked.own() > 0) {
            NDArray own = k.reshape(variants, asked.own(), kv, config.dHead())
                    .transpose(2, 0, 3, 1)
                    .reshape(kv * variants, config.dHead(), asked.own());
            sides.add(queries.reshape(kv * variants, perVariant, config.dHead())
                    .matMul(own)
                    .reshape(kv, variants, config.groupSize(), asking, asked.own()));
        }
        return sides.size() == 1 ? sides.get(0) : NDArrays.concat(sides, 4);
    }

    /** Lets taps see [key-value head, variant, group, query, key] as [variant, head, query, key]. */
    private NDArray tapped(HookKind kind, int layer, NDArray array, Segment segment) {
        if (!taps.waits(kind, layer)) {
            return array;
        }
        long queries = segment.positions().length;
        NDArray seen =
                array.transpose(1, 0, 2, 3, 4).reshape(segment.variants(), config.heads(), queries, segment.length());
        NDArray result = taps.pattern(kind, layer, seen, segment);
        return result.reshape(segment.variants(), config.keyValueHeads(), config.groupSize(), queries, segment.length())
                .transpose(1, 0, 2, 3, 4);
    }

    /** Pattern [key-value head, variant, group, query, key] over base and own values: [variant * query, head, d_head]. */
    private NDArray values(int layer, NDArray pattern, NDArray v, Segment segment) {
        long kv = config.keyValueHeads();
        long queries = segment.positions().length;
        long variants = segment.variants();
        long perVariant = config.groupSize() * queries;
        int from = segment.ownFrom();
        NDArray z = null;
        if (from > 0) {
            NDArray shared = memory.values(layer, segment.base());
            NDArray before = segment.own() == 0 ? shared : shared.get(":, 0:" + from);
            NDArray weights = segment.own() == 0 ? pattern : pattern.get(":, :, :, :, 0:" + from);
            z = weights.reshape(kv, variants * perVariant, from).matMul(before);
        }
        if (segment.own() > 0) {
            NDArray weights = from == 0 ? pattern : pattern.get(":, :, :, :, " + from + ":");
            NDArray own = v.reshape(variants, segment.own(), kv, config.dHead())
                    .transpose(2, 0, 1, 3)
                    .reshape(kv * variants, segment.own(), config.dHead());
            NDArray mixed = weights.reshape(kv * variants, perVariant, segment.own())
                    .matMul(own)
                    .reshape(kv, variants * perVariant, config.dHead());
            z = z == null ? mixed : z.addi(mixed);
        }
        return z.reshape(kv, variants, config.groupSize(), queries, config.dHead())
                .transpose(1, 3, 0, 2, 4)
                .reshape(variants * queries, config.heads(), config.dHead());
    }

    private NDArray output(int layer, LayerWeights w, NDArray z, RowLayout layout) {
        if (!taps.waits(HookKind.RESULT, layer)) {
            NDArray flat = z.reshape(layout.rows(), (long) config.heads() * config.dHead());
            return maths.project(flat, w.output(), w.outputBias());
        }
        NDArray result = taps.rows(HookKind.RESULT, layer, perHead(config, z, w.output()), layout);
        NDArray sum = result.sum(new int[] {1});
        return w.outputBias() == null ? sum : sum.addi(w.outputBias());
    }

    /** Each head's own write to the residual stream: z [row, head, d_head] to [row, head, d_model], no bias. */
    static NDArray perHead(ModelConfig config, NDArray z, NDArray output) {
        NDArray perHead = output.reshape(config.heads(), config.dHead(), config.dModel());
        return z.swapAxes(0, 1).matMul(perHead).swapAxes(0, 1);
    }
}
