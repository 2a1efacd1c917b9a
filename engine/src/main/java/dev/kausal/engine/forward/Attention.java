package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.KeyValues;
import dev.kausal.engine.rows.PackedHooks;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.InPlace;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Self-attention of packed rows; grouped-query if the model has fewer key and value heads.
 *
 * <p>Rows of many variants of one prompt attend to the base run's keys in one product, and to their own in another:
 * whatever variants share is neither recomputed nor copied.
 */
final class Attention {
    private static final HeadNormPoints QUERY_NORM =
            new HeadNormPoints(HookKind.Q_NORM_SCALE, HookKind.Q_NORM_NORMALIZED, HookKind.Q_NORMED);
    private static final HeadNormPoints KEY_NORM =
            new HeadNormPoints(HookKind.K_NORM_SCALE, HookKind.K_NORM_NORMALIZED, HookKind.K_NORMED);

    private final Transformer model;
    private final ModelConfig config;
    private final Projections projections;
    private final LayerMaths maths;
    private final Positions positions;
    private final PackedHooks packedHooks;
    private final KeyValues memory;
    private final BlockwiseAttention blockwise;
    private final float scale;
    private final float softCap;

    Attention(Transformer model, LayerMaths maths, Positions positions, PackedHooks packedHooks, KeyValues memory) {
        this.model = model;
        this.config = model.config();
        this.projections = new Projections(config, maths, packedHooks);
        this.maths = maths;
        this.positions = positions;
        this.packedHooks = packedHooks;
        this.memory = memory;
        this.blockwise = new BlockwiseAttention(model, packedHooks, memory);
        this.scale = (float) config.attention().scale();
        this.softCap = (float) config.attention().softCap();
    }

    /**
     * Runs one layer's attention.
     *
     * @param stream [key row, d_model]
     * @return the attention output [query row, d_model], including the output bias
     */
    NDArray run(int layer, LayerWeights w, NDArray stream, LayerBatch rows) {
        Projections.Heads heads = projections.of(layer, w, stream, rows);
        NDArray q = packedHooks.rows(HookKind.Q, layer, heads.q(), rows.queries());
        NDArray k = packedHooks.rows(HookKind.K, layer, heads.k(), rows.keys());
        NDArray v = packedHooks.rows(HookKind.V, layer, heads.v(), rows.keys());
        if (config.attention().headNorm() != AttentionConfig.HeadNorm.NONE) {
            q = norm(QUERY_NORM, layer, q, w.queryNormGain(), w.queryNormBias(), rows.queries());
            k = norm(KEY_NORM, layer, k, w.keyNormGain(), w.keyNormBias(), rows.keys());
        }
        if (config.rotary()) {
            Rotary rotary = positions.rotary(layer);
            // If other layers rotate, a layer that does not has the hook points too.
            q = packedHooks.rows(HookKind.ROT_Q, layer, turned(rotary, q, rows.queryAngles()), rows.queries());
            k = packedHooks.rows(HookKind.ROT_K, layer, turned(rotary, k, rows.keyAngles()), rows.keys());
        }
        memory.keep(layer, k, v, rows.keys());
        NDArray z = packedHooks.rows(HookKind.Z, layer, mix(layer, q, k, v, rows), rows.queries());
        return output(layer, w, z, rows.queries());
    }

    private static NDArray turned(@Nullable Rotary rotary, NDArray x, Map<Rotary, Rotary.Angles> angles) {
        return rotary == null ? x : rotary.rotate(x, Present.in(angles, rotary));
    }

    /** Hook points of a norm of queries or keys. */
    private record HeadNormPoints(HookKind scale, HookKind normalized, HookKind normed) {}

    /** Norms x [row, head, d_head], per head or over all heads as one row. */
    private NDArray norm(
            HeadNormPoints points,
            int layer,
            NDArray x,
            @Nullable NDArray gain,
            @Nullable NDArray bias,
            RowLayout layout) {
        boolean all = config.attention().headNorm() == AttentionConfig.HeadNorm.ALL_HEADS;
        NDArray normed = maths.norm(
                        all ? x.reshape(layout.rows(), -1) : x,
                        Present.of(gain, "gain of a norm of heads in layer " + layer),
                        bias,
                        scale -> packedHooks.rows(points.scale(), layer, scale, layout),
                        normalized -> packedHooks.rows(points.normalized(), layer, normalized, layout))
                .reshape(x.getShape());
        return packedHooks.rows(points.normed(), layer, normed, layout);
    }

    /** Returns the weighted values z [query row, head, d_head]. */
    private NDArray mix(int layer, NDArray q, NDArray keys, NDArray values, LayerBatch rows) {
        NDArray scaled = q.mul(Recording.scalar(q, scale));
        List<AttentionBatch> segments = Present.in(rows.segments(), positions.sight(layer));
        NDList parts = new NDList();
        for (int i = 0; i < segments.size(); i++) {
            AttentionGroup asking = rows.queries().segments().get(i);
            AttentionGroup asked = rows.keys().segments().get(i);
            AttentionBatch batch = segments.get(i);
            if (blockwise.computes(layer, batch)) {
                NDArray asks = part(scaled, asking, rows.queries());
                parts.add(blockwise.mix(
                        layer,
                        asks,
                        part(keys, asked, rows.keys()),
                        part(values, asked, rows.keys()),
                        batch,
                        asked.base()));
                continue;
            }
            NDArray queries = queries(padded(part(scaled, asking, rows.queries()), batch.queryPad()), batch);
            Optional<KeyValues.Own> stored = batch.stored() ? Optional.of(memory.own(layer, i)) : Optional.empty();
            NDArray own = stored.map(KeyValues.Own::keys)
                    .orElseGet(() -> padded(part(keys, asked, rows.keys()), batch.keyPad()));
            NDArray scores = scores(layer, queries, own, batch, asked.base());
            if (softCap > 0) {
                scores = InPlace.mul(
                        scores.div(Recording.scalar(scores, softCap)).tanh(), softCap);
            }
            if (batch.distances() != null) {
                scores = InPlace.add(scores, added(layer, queries, own, batch, asking));
            }
            NDArray mask = batch.mask();
            if (mask != null) {
                scores = InPlace.add(scores, mask);
            }
            scores = tapped(HookKind.ATTN_SCORES, layer, scores, asking);
            NDArray pattern = tapped(HookKind.PATTERN, layer, model.rules().pattern(scores.softmax(-1)), asking);
            NDArray of = stored.map(KeyValues.Own::values)
                    .orElseGet(() -> padded(part(values, asked, rows.keys()), batch.keyPad()));
            parts.add(padded(values(layer, pattern, of, batch, asked.base()), batch.queryKept()));
        }
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
    }

    /** Returns the relative-position term of scores. */
    private NDArray added(int layer, NDArray queries, NDArray own, AttentionBatch rows, AttentionGroup segment) {
        NDArray lent = rows.lent() == 0 ? null : baseKeys(layer, rows, segment.base());
        RelativePositions.Scored scored = new RelativePositions.Scored(queries, lent, own, rows, segment);
        return positions.relative().orElseThrow().added(model, layer, scored);
    }

    private NDArray baseKeys(int layer, AttentionBatch rows, int base) {
        return Slices.of(memory.keys(layer, base), 2, 0, rows.lent());
    }

    private static NDArray part(NDArray packed, AttentionGroup segment, RowLayout layout) {
        return layout.segments().size() == 1
                ? packed
                : Slices.of(packed, 0, segment.start(), segment.start() + segment.rows());
    }

    /** Selects the rows [row, head, d_head] at {@code indices}, or all of them. */
    private NDArray padded(NDArray rows, @Nullable NDArray indices) {
        if (indices == null) {
            return rows;
        }
        long heads = rows.getShape().get(1);
        NDArray flat = rows.reshape(rows.getShape().get(0), heads * config.dHead());
        return Slices.gather(flat, indices).reshape(-1, heads, config.dHead());
    }

    /** Reshapes [variant * query, head, d_head] to [key-value head, variant, group, query, d_head]. */
    private NDArray queries(NDArray q, AttentionBatch rows) {
        return q.reshape(rows.variants(), rows.queries(), config.keyValueHeads(), config.groupSize(), config.dHead())
                .transpose(2, 0, 3, 1, 4);
    }

    /**
     * Computes scores over base-run keys and own keys, side by side.
     *
     * @param k own keys [variant * own key, key-value head, d_head]; stored ones [key-value head * variant, own key,
     *     d_head]
     * @return [key-value head, variant, group, query, key]
     */
    private NDArray scores(int layer, NDArray queries, NDArray k, AttentionBatch rows, int base) {
        long kv = config.keyValueHeads();
        long variants = rows.variants();
        long perVariant = (long) config.groupSize() * rows.queries();
        NDList sides = new NDList(2);
        if (rows.lent() > 0) {
            sides.add(queries.reshape(kv, variants * perVariant, config.dHead())
                    .matMul(baseKeys(layer, rows, base))
                    .reshape(kv, variants, config.groupSize(), rows.queries(), rows.lent()));
        }
        if (rows.own() > 0) {
            NDArray own = rows.stored()
                    ? k.swapAxes(1, 2)
                    : k.reshape(variants, rows.own(), kv, config.dHead())
                            .transpose(2, 0, 3, 1)
                            .reshape(kv * variants, config.dHead(), rows.own());
            sides.add(queries.reshape(kv * variants, perVariant, config.dHead())
                    .matMul(own)
                    .reshape(kv, variants, config.groupSize(), rows.queries(), rows.own()));
        }
        return sides.size() == 1 ? sides.get(0) : NDArrays.concat(sides, 4);
    }

    /** Passes [key-value head, variant, group, query, key] through hooks as [variant, head, query, key]. */
    private NDArray tapped(HookKind kind, int layer, NDArray array, AttentionGroup segment) {
        if (!packedHooks.waits(kind, layer)) {
            return array;
        }
        long queries = segment.positions()[0].length;
        NDArray seen =
                array.transpose(1, 0, 2, 3, 4).reshape(segment.variants(), config.heads(), queries, segment.length());
        NDArray result = packedHooks.pattern(kind, layer, seen, segment);
        return result.reshape(segment.variants(), config.keyValueHeads(), config.groupSize(), queries, segment.length())
                .transpose(1, 0, 2, 3, 4);
    }

    /**
     * Applies the pattern [key-value head, variant, group, query, key] to base-run and own values: [variant * query,
     * head, d_head].
     */
    private NDArray values(int layer, NDArray pattern, NDArray v, AttentionBatch rows, int base) {
        long kv = config.keyValueHeads();
        long variants = rows.variants();
        long perVariant = (long) config.groupSize() * rows.queries();
        int keys = rows.lent() + rows.own();
        NDArray z = null;
        if (rows.lent() > 0) {
            NDArray lent = Slices.of(memory.values(layer, base), 1, 0, rows.lent());
            z = Slices.of(pattern, 4, 0, rows.lent())
                    .reshape(kv, variants * perVariant, rows.lent())
                    .matMul(lent);
        }
        if (rows.own() > 0) {
            NDArray own = rows.stored()
                    ? v
                    : v.reshape(variants, rows.own(), kv, config.dHead())
                            .transpose(2, 0, 1, 3)
                            .reshape(kv * variants, rows.own(), config.dHead());
            NDArray mixed = Slices.of(pattern, 4, rows.lent(), keys)
                    .reshape(kv * variants, perVariant, rows.own())
                    .matMul(own)
                    .reshape(kv, variants * perVariant, config.dHead());
            z = z == null ? mixed : InPlace.add(z, mixed);
        }
        return Present.of(z, "key")
                .reshape(kv, variants, config.groupSize(), rows.queries(), config.dHead())
                .transpose(1, 3, 0, 2, 4)
                .reshape(variants * rows.queries(), config.heads(), config.dHead());
    }

    private NDArray output(int layer, LayerWeights w, NDArray z, RowLayout layout) {
        if (!packedHooks.waits(HookKind.RESULT, layer)) {
            NDArray flat = z.reshape(layout.rows(), (long) config.heads() * config.dHead());
            return maths.project(flat, w.output(), w.outputBias());
        }
        // Heads' own outputs are exact sums of rounded factors, so that their sum is rounded where one product is.
        NDArray own = perHead(config, w.output().rounded(z), w.output().float32());
        NDArray result = packedHooks.rows(HookKind.RESULT, layer, own, layout);
        NDArray sum = w.output().rounded(result.sum(new int[] {1}));
        NDArray bias = w.outputBias();
        return bias == null ? sum : InPlace.add(sum, bias);
    }

    /**
     * Returns each head's own output to the residual stream: z [row, head, d_head] to [row, head, d_model], without
     * bias.
     */
    static NDArray perHead(ModelConfig config, NDArray z, NDArray output) {
        NDArray perHead = output.reshape(config.heads(), config.dHead(), config.dModel());
        return z.swapAxes(0, 1).matMul(perHead).swapAxes(0, 1);
    }
}
