package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.model.LayerWeights;
import dev.kausal.engine.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** Causal self-attention of packed rows, grouped-query where the model has fewer key and value heads. */
final class Attention {
    private final ModelConfig config;
    private final LayerMaths maths;
    private final HookDispatch hooks;
    private final float scale;

    Attention(ModelConfig config, LayerMaths maths, HookDispatch hooks) {
        this.config = config;
        this.maths = maths;
        this.hooks = hooks;
        this.scale = (float) (1.0 / Math.sqrt(config.dHead()));
    }

    /**
     * What every layer of a pass shares.
     *
     * @param cos [rows, 1, d_head / 2] of the rotary angles, or null
     * @param sin likewise
     * @param masks one per segment: 0 where a query may look, -inf elsewhere, [query, key]
     */
    record Tables(NDArray cos, NDArray sin, List<NDArray> masks) {}

    Tables tables(TokenBatch batch, NDManager local) {
        List<NDArray> masks = new ArrayList<>();
        for (TokenBatch.Segment segment : batch.segments()) {
            masks.add(causalMask(segment.length(), local));
        }
        if (!config.rotary()) {
            return new Tables(null, null, masks);
        }
        int half = config.dHead() / 2;
        float[] cos = new float[batch.rows() * half];
        float[] sin = new float[batch.rows() * half];
        for (int i = 0; i < half; i++) {
            // Frequencies and angles in float32, as the reference implementations round them.
            float frequency = 1f / (float) Math.pow(config.ropeTheta(), (2f * i) / config.dHead());
            for (int row = 0; row < batch.rows(); row++) {
                float angle = batch.positions()[row] * frequency;
                cos[row * half + i] = (float) Math.cos(angle);
                sin[row * half + i] = (float) Math.sin(angle);
            }
        }
        Shape shape = new Shape(batch.rows(), 1, half);
        return new Tables(local.create(cos, shape), local.create(sin, shape), masks);
    }

    private static NDArray causalMask(int length, NDManager local) {
        float[] mask = new float[length * length];
        for (int query = 0; query < length; query++) {
            java.util.Arrays.fill(mask, query * length + query + 1, (query + 1) * length, Float.NEGATIVE_INFINITY);
        }
        return local.create(mask, new Shape(length, length));
    }

    /** {@code stream} [rows, d_model] to the attention's output [rows, d_model], output bias included. */
    NDArray run(int layer, LayerWeights w, NDArray stream, TokenBatch batch, Tables tables) {
        NDArray x = maths.norm(
                stream,
                w.ln1Gain(),
                w.ln1Bias(),
                s -> hooks.rows(HookKind.LN1_SCALE, layer, s),
                n -> hooks.rows(HookKind.LN1_NORMALIZED, layer, n));
        NDArray qkv = maths.project(x, w.qkv(), w.qkvBias());
        int rows = batch.rows();
        long queryWidth = (long) config.heads() * config.dHead();
        long keyWidth = (long) config.keyValueHeads() * config.dHead();
        NDList parts = qkv.split(new long[] {queryWidth, queryWidth + keyWidth}, 1);
        NDArray q = hooks.rows(HookKind.Q, layer, heads(parts.get(0), rows, config.heads()));
        NDArray k = hooks.rows(HookKind.K, layer, heads(parts.get(1), rows, config.keyValueHeads()));
        NDArray v = hooks.rows(HookKind.V, layer, heads(parts.get(2), rows, config.keyValueHeads()));
        if (tables.cos() != null) {
            q = hooks.rows(HookKind.ROT_Q, layer, rotate(q, tables));
            k = hooks.rows(HookKind.ROT_K, layer, rotate(k, tables));
        }
        NDArray z = hooks.rows(HookKind.Z, layer, mix(layer, q, k, v, batch, tables));
        return output(layer, w, z, rows);
    }

    private NDArray heads(NDArray packed, int rows, int heads) {
        return packed.reshape(rows, heads, config.dHead());
    }

    /** Rotates the halves of each head against each other: x [rows, heads, d_head]. */
    private NDArray rotate(NDArray x, Tables tables) {
        NDList halves = x.split(2, 2);
        NDArray a = halves.get(0);
        NDArray b = halves.get(1);
        NDArray first = a.mul(tables.cos()).subi(b.mul(tables.sin()));
        NDArray second = b.mul(tables.cos()).addi(a.mul(tables.sin()));
        return first.concat(second, 2);
    }

    /** Weighted values z [rows, heads, d_head]. */
    private NDArray mix(int layer, NDArray q, NDArray k, NDArray v, TokenBatch batch, Tables tables) {
        NDList parts = new NDList();
        for (int i = 0; i < batch.segments().size(); i++) {
            TokenBatch.Segment segment = batch.segments().get(i);
            parts.add(mix(
                    layer,
                    segment,
                    rows(q, segment, batch),
                    rows(k, segment, batch),
                    rows(v, segment, batch),
                    tables.masks().get(i)));
        }
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
    }

    private static NDArray rows(NDArray packed, TokenBatch.Segment segment, TokenBatch batch) {
        return batch.segments().size() == 1
                ? packed
                : packed.get(segment.start() + ":" + (segment.start() + segment.rows()));
    }

    private NDArray mix(int layer, TokenBatch.Segment segment, NDArray q, NDArray k, NDArray v, NDArray mask) {
        long batch = segment.batch();
        long n = segment.length();
        long kv = config.keyValueHeads();
        long group = config.groupSize();
        // The query heads of one key and value head are stacked as more queries: no key is copied per head.
        NDArray queries = byHead(q.mul(scale), batch, n, config.heads()).reshape(batch, kv, group * n, config.dHead());
        NDArray keys = byHead(k, batch, n, kv).swapAxes(2, 3);
        NDArray scores =
                queries.matMul(keys).reshape(batch, config.heads(), n, n).addi(mask);
        scores = hooks.segment(HookKind.ATTN_SCORES, layer, scores);
        NDArray pattern = hooks.segment(HookKind.PATTERN, layer, scores.softmax(-1));
        NDArray z = pattern.reshape(batch, kv, group * n, n).matMul(byHead(v, batch, n, kv));
        return z.reshape(batch, config.heads(), n, config.dHead())
                .transpose(0, 2, 1, 3)
                .reshape(batch * n, config.heads(), config.dHead());
    }

    /** [batch * n, heads, d_head] to [batch, heads, n, d_head]. */
    private NDArray byHead(NDArray packed, long batch, long n, long heads) {
        return packed.reshape(batch, n, heads, config.dHead()).transpose(0, 2, 1, 3);
    }

    private NDArray output(int layer, LayerWeights w, NDArray z, int rows) {
        if (!hooks.any(HookKind.RESULT, layer)) {
            return maths.project(z.reshape(rows, (long) config.heads() * config.dHead()), w.output(), w.outputBias());
        }
        NDArray result = hooks.rows(HookKind.RESULT, layer, perHead(config, z, w.output()));
        NDArray sum = result.sum(new int[] {1});
        return w.outputBias() == null ? sum : sum.addi(w.outputBias());
    }

    /** Each head's own write to the residual stream: z [rows, heads, d_head] to [rows, heads, d_model], no bias. */
    static NDArray perHead(ModelConfig config, NDArray z, NDArray output) {
        NDArray perHead = output.reshape(config.heads(), config.dHead(), config.dModel());
        return z.swapAxes(0, 1).matMul(perHead).swapAxes(0, 1);
    }
}
