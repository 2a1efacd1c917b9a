package dev.kausal.engine.analysis.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.forward.AddedScores;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recomputes scores and patterns from captured queries and keys by plain arithmetic in double precision, and compares
 * them with the captured ones, to check that q, k and pattern are consistent.
 *
 * <p>Starts from {@code hook_q} and {@code hook_k} ({@code hook_rot_q} and {@code hook_rot_k} under rotary positions)
 * and applies the norm of queries and keys (timm's q_norm and k_norm), the scale, the soft cap, relative positions and
 * the mask, as far as the model has them.
 *
 * @param scores largest absolute difference of unmasked scores [layer]
 * @param pattern largest absolute difference of weights [layer]
 */
public record PatternRedraw(double[] scores, double[] pattern) {
    /** Checks every layer and head for one input. One layer's activations are kept at a time. */
    public static PatternRedraw of(HookedModel model, Input input) {
        ModelConfig config = model.config();
        HookKind q = config.rotary() ? HookKind.ROT_Q : HookKind.Q;
        HookKind k = config.rotary() ? HookKind.ROT_K : HookKind.K;
        Set<HookKind> kinds = EnumSet.of(q, k, HookKind.ATTN_SCORES, HookKind.PATTERN);
        double[] scores = new double[config.layers()];
        double[] pattern = new double[config.layers()];
        Hooks hooks = new Hooks(model.points());
        Map<HookKind, NDArray> passed = new EnumMap<>(HookKind.class);
        try (NDManager local = model.device().manager()) {
            hooks.read(point -> kinds.contains(point.kind()), (activation, point) -> {
                passed.put(point.kind(), activation);
                if (point.kind() == HookKind.PATTERN) {
                    int layer = point.layer();
                    NDArray queries = Present.in(passed, q);
                    NDArray keys = Present.in(passed, k);
                    double[] found = new Layer(
                                    config,
                                    model.weights().layers().get(layer),
                                    layer,
                                    config.rotary(),
                                    AddedScores.of(model.transformer(), layer, input, queries, keys, local))
                            .differences(
                                    rows(queries),
                                    rows(keys),
                                    AttentionPattern.nested(Present.in(passed, HookKind.ATTN_SCORES)),
                                    AttentionPattern.nested(activation));
                    scores[layer] = found[0];
                    pattern[layer] = found[1];
                    passed.clear();
                }
            });
            model.outputsAt(input, input.length() - 1, hooks, local);
        }
        return new PatternRedraw(scores, pattern);
    }

    /** Returns the largest difference of weights in any layer. */
    public double largest() {
        return Arrays.stream(pattern).max().orElse(0);
    }

    /** Returns [1, position, head, d_head] as [position][head * d_head]. */
    private static double[][] rows(NDArray heads) {
        long[] shape = heads.getShape().getShape();
        int width = (int) (shape[2] * shape[3]);
        float[] flat = heads.toFloatArray();
        double[][] rows = new double[(int) shape[1]][width];
        for (int i = 0; i < flat.length; i++) {
            rows[i / width][i % width] = flat[i];
        }
        return rows;
    }

    private static double @Nullable [] doubles(@Nullable NDArray vector) {
        if (vector == null) {
            return null;
        }
        float[] floats = vector.toFloatArray();
        double[] doubles = new double[floats.length];
        Arrays.setAll(doubles, i -> floats[i]);
        return doubles;
    }

    private static double[] gain(@Nullable NDArray vector) {
        return Present.of(doubles(vector), "gain of a norm of heads");
    }

    /** One layer's arithmetic. */
    private record Layer(
            ModelConfig config, LayerWeights weights, int layer, boolean rotated, float @Nullable [][][] added) {
        /** Returns the largest differences of scores and of weights. */
        double[] differences(double[][] q, double[][] k, float[][][] scores, float[][][] pattern) {
            if (!rotated && config.attention().headNorm() != AttentionConfig.HeadNorm.NONE) {
                norm(q, gain(weights.queryNormGain()), doubles(weights.queryNormBias()));
                norm(k, gain(weights.keyNormGain()), doubles(weights.keyNormBias()));
            }
            double[] largest = new double[2];
            for (int head = 0; head < config.heads(); head++) {
                for (int query = 0; query < q.length; query++) {
                    double[] drawn = scores(q[query], k, head, query);
                    for (int key = 0; key < k.length; key++) {
                        if (drawn[key] != Double.NEGATIVE_INFINITY) {
                            largest[0] = Math.max(largest[0], Math.abs(drawn[key] - scores[head][query][key]));
                        }
                    }
                    softmax(drawn);
                    for (int key = 0; key < k.length; key++) {
                        largest[1] = Math.max(largest[1], Math.abs(drawn[key] - pattern[head][query][key]));
                    }
                }
            }
            return largest;
        }

        private double[] scores(double[] q, double[][] k, int head, int query) {
            AttentionConfig attention = config.attention();
            int width = config.dHead();
            int shared = head / config.groupSize();
            int window = attention.windows().get(layer);
            double[] scores = new double[k.length];
            for (int key = 0; key < k.length; key++) {
                boolean late = attention.causal() && key > query;
                boolean far = window > 0 && Math.abs(query - key) >= window;
                if (late || far) {
                    scores[key] = Double.NEGATIVE_INFINITY;
                    continue;
                }
                double product = 0;
                for (int i = 0; i < width; i++) {
                    product += q[head * width + i] * k[key][shared * width + i];
                }
                double score = product * attention.scale();
                double cap = attention.softCap();
                scores[key] = (cap == 0 ? score : cap * Math.tanh(score / cap))
                        + (added == null ? 0 : added[head][query][key]);
            }
            return scores;
        }

        /** Normalises the rows in place, per head or whole. */
        private void norm(double[][] rows, double[] gain, double @Nullable [] bias) {
            boolean centred = config.block().norm() == BlockConfig.Norm.LAYER_NORM;
            int width = gain.length;
            for (double[] row : rows) {
                for (int from = 0; from < row.length; from += width) {
                    double mean = centred
                            ? Arrays.stream(row, from, from + width).average().orElse(0)
                            : 0;
                    double squares = 0;
                    for (int i = from; i < from + width; i++) {
                        squares += (row[i] - mean) * (row[i] - mean);
                    }
                    double scale = Math.sqrt(squares / width + config.normEpsilon());
                    for (int i = 0; i < width; i++) {
                        row[from + i] = (row[from + i] - mean) / scale * gain[i] + (bias == null ? 0 : bias[i]);
                    }
                }
            }
        }

        private static void softmax(double[] scores) {
            double max = Arrays.stream(scores).max().orElse(0);
            double sum = 0;
            for (int i = 0; i < scores.length; i++) {
                scores[i] = Math.exp(scores[i] - max);
                sum += scores[i];
            }
            for (int i = 0; i < scores.length; i++) {
                scores[i] /= sum;
            }
        }
    }
}
