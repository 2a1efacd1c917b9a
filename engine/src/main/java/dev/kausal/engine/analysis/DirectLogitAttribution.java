package dev.kausal.engine.analysis;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.Architecture;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.LayerWeights;
import dev.kausal.engine.model.ModelConfig;
import dev.kausal.engine.model.Weights;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a logit difference into what each component wrote to the residual stream (Elhage et al. 2021; Nostalgebraist
 * 2020 for the frozen norm).
 *
 * <p>Components are the embeddings, every head, every MLP and every bias. The final norm is made linear by taking its
 * scale from the full stream, on raw weights, so that the shares sum to the logit difference but for rounding. It is not
 * an ablation: a share says what was written, not what would change without it.
 */
public final class DirectLogitAttribution {
    private DirectLogitAttribution() {}

    /**
     * One run's shares.
     *
     * @param components names: {@code embed}, {@code pos_embed}, {@code L3H5}, {@code L3 attn bias}, {@code L3 mlp},
     *     {@code L3 mlp bias}, {@code final norm bias}
     * @param shares logits, [component]
     * @param logitDifference as the forward pass has it, logits
     */
    public record Shares(List<String> components, double[] shares, double logitDifference) {
        /** Sum of the shares, in double precision. */
        public double sum() {
            return java.util.Arrays.stream(shares).sum();
        }
    }

    /**
     * Attributes logit(answer) − logit(foil) at the last position.
     *
     * @param ids token ids [position]
     * @param hooks edits under which to run, or an empty set; two captures are added to it while it runs
     */
    public static Shares of(HookedModel model, int[] ids, Hooks hooks, int answer, int foil) {
        Torch.inference();
        try (NDScope scope = new NDScope();
                NDManager local = Torch.manager()) {
            scope.suppressNotUsedWarning();
            ActivationCache cache = hooks.capture(
                    point -> switch (point.kind()) {
                        case EMBED, POS_EMBED, Z, MLP_OUT, FINAL_SCALE -> true;
                        default -> false;
                    },
                    local);
            NDArray logits = model.lastLogits(List.of(ids), hooks, local);
            double difference = (double) logits.getFloat(0, answer) - logits.getFloat(0, foil);
            return new Attribution(model, cache, ids.length - 1, answer, foil).shares(difference);
        }
    }

    /** The sums of one run; its arrays live in the caller's scope. */
    private static final class Attribution {
        private final ModelConfig config;
        private final Weights weights;
        private final ActivationCache cache;
        private final int last;
        private final boolean centred;
        private final NDArray direction;
        private final NDArray token;
        private final double scale;
        private final List<String> names = new ArrayList<>();
        private final List<Double> shares = new ArrayList<>();

        Attribution(HookedModel model, ActivationCache cache, int last, int answer, int foil) {
            this.config = model.config();
            this.weights = model.weights();
            this.cache = cache;
            this.last = last;
            this.centred = model.architecture().norm() == Architecture.Norm.LAYER_NORM;
            this.token =
                    weights.unembed().get(":, " + answer).sub(weights.unembed().get(":, " + foil));
            NDArray gained = token.mul(weights.finalGain());
            // LayerNorm's centring is linear: centring the direction once equals centring every component.
            this.direction = centred ? gained.sub(gained.mean()) : gained;
            this.scale = row(HookKind.FINAL_SCALE, -1).getFloat();
        }

        Shares shares(double difference) {
            add("embed", row(HookKind.EMBED, -1));
            if (weights.positionEmbed() != null) {
                add("pos_embed", row(HookKind.POS_EMBED, -1));
            }
            for (int layer = 0; layer < config.layers(); layer++) {
                layer(layer, weights.layers().get(layer));
            }
            if (weights.finalBias() != null) {
                put("final norm bias", weights.finalBias().mul(token).sum().getFloat());
            }
            return new Shares(
                    List.copyOf(names),
                    shares.stream().mapToDouble(Double::doubleValue).toArray(),
                    difference);
        }

        private void layer(int layer, LayerWeights w) {
            // W_O onto the direction first: [heads, d_head], then one product per head instead of d_model of them.
            NDArray perHead = w.output().matMul(direction).reshape(config.heads(), config.dHead());
            float[] heads = row(HookKind.Z, layer)
                    .reshape(config.heads(), config.dHead())
                    .mul(perHead)
                    .sum(new int[] {1})
                    .toFloatArray();
            for (int head = 0; head < heads.length; head++) {
                put("L" + layer + "H" + head, heads[head] / scale);
            }
            if (w.outputBias() != null) {
                add("L" + layer + " attn bias", w.outputBias());
            }
            NDArray mlp = row(HookKind.MLP_OUT, layer);
            if (w.mlpOutBias() == null) {
                add("L" + layer + " mlp", mlp);
            } else {
                add("L" + layer + " mlp", mlp.sub(w.mlpOutBias()));
                add("L" + layer + " mlp bias", w.mlpOutBias());
            }
        }

        /** The last position's row, flattened. */
        private NDArray row(HookKind kind, int layer) {
            return cache.get(kind.name(layer)).get("0, " + last).flatten();
        }

        private void add(String name, NDArray written) {
            put(name, written.mul(direction).sum().getFloat() / scale);
        }

        private void put(String name, double share) {
            names.add(name);
            shares.add(share);
        }
    }
}
