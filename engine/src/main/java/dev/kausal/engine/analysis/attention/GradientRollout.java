package dev.kausal.engine.analysis.attention;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.model.HookedModel;
import java.util.Arrays;
import java.util.List;

/**
 * Gradient-weighted attention rollout (Chefer et al. 2021, "Generic Attention-model Explainability", self-attention
 * rules): attention counts if a larger weight would raise a chosen output.
 *
 * <p>In each layer, Ā is the mean over heads of max(0, ∂y/∂A ∘ A); relevance starts as the identity, and each layer
 * adds Ā · R to it. Unlike rollout it is specific to one output y. This is not the same authors' earlier method, which
 * also propagates relevance through the weights.
 */
public final class GradientRollout {
    private GradientRollout() {}

    /**
     * Computes relevance to one number of a model's outputs, after the last layer.
     *
     * @param objective y, such as a class's logit
     * @return R [query][key], identity included
     * @throws dev.kausal.engine.gradients.ObjectiveException if the model does not compute y
     */
    public static double[][] of(HookedModel model, Input input, Objective objective) {
        try (NDManager local = model.device().manager();
                Gradients found = Gradients.of(
                        model, List.of(input), objective, point -> point.kind() == HookKind.PATTERN, local)) {
            List<Integer> layers = AttentionPattern.all(model);
            return of(
                    new AttentionPattern(layers, nested(found.activations(), layers)),
                    nested(found.gradients(), layers));
        }
    }

    private static float[][][][] nested(ActivationCache cache, List<Integer> layers) {
        return layers.stream()
                .map(layer -> AttentionPattern.nested(cache.get(HookKind.PATTERN.name(layer))))
                .toArray(float[][][][]::new);
    }

    /**
     * Computes relevance after the last layer.
     *
     * @param pattern A, consecutive layers
     * @param gradients ∂y/∂A at {@code hook_pattern}, [layer][head][query][key]
     * @return R [query][key], identity included; for patches, use the row of [CLS]
     * @throws AttentionRangeException if a layer in between was not read
     */
    public static double[][] of(AttentionPattern pattern, float[][][][] gradients) {
        pattern.requireConsecutive("Gradient-weighted rollout");
        if (gradients.length != pattern.weights().length) {
            throw new IllegalArgumentException(
                    gradients.length + " layers of gradients for " + pattern.weights().length + " of attention");
        }
        int n = pattern.length();
        double[][] relevance = new double[n][n];
        for (int i = 0; i < n; i++) {
            relevance[i][i] = 1;
        }
        for (int layer = 0; layer < gradients.length; layer++) {
            double[][] added =
                    AttentionRollout.product(weighted(pattern.weights()[layer], gradients[layer]), relevance);
            for (int query = 0; query < n; query++) {
                for (int key = 0; key < n; key++) {
                    relevance[query][key] += added[query][key];
                }
            }
        }
        return relevance;
    }

    private static double[][] weighted(float[][][] weights, float[][][] gradients) {
        int n = weights[0].length;
        double[][] mean = new double[n][n];
        for (int head = 0; head < weights.length; head++) {
            for (int query = 0; query < n; query++) {
                for (int key = 0; key < n; key++) {
                    double product = (double) weights[head][query][key] * gradients[head][query][key];
                    mean[query][key] += Math.max(0, product) / weights.length;
                }
            }
        }
        return mean;
    }

    /** Returns the relevance of each key to one query, without the initial identity: [key]. */
    public static double[] from(double[][] relevance, int query) {
        AttentionRangeException.check("Position", query, relevance.length);
        double[] row = Arrays.copyOf(relevance[query], relevance[query].length);
        row[query] -= 1;
        return row;
    }
}
