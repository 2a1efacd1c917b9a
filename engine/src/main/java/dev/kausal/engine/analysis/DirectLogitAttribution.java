package dev.kausal.engine.analysis;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.BlockShape;
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
 * scale from the full stream, on raw weights, so that the shares sum to the logit difference but for rounding; so is a
 * norm between a component and the stream (Gemma 2, OLMo 2). Where the model caps its logits, the difference is that
 * before the cap, which bends a sum. It is not an ablation: a share says what was written, not what would change without
 * it.
 */
public final class DirectLogitAttribution {
    private DirectLogitAttribution() {}

    /**
     * One run's shares.
     *
     * @param components names: {@code embed}, {@code pos_embed}, {@code L3H5}, {@code L3 attn bias}, {@code L3 mlp},
     *     {@code L3 mlp bias}, {@code final norm bias}, {@code unembed bias}
     * @param shares logits, [component]
     * @param logitDifference as the forward pass has it, before a final soft cap
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
     * @param hooks edits under which to run, or an empty set; a capture is added to it while it runs
     * @throws AnalysisUndefinedException where the residual stream is no sum (BERT), or outputs are no tokens
     */
    public static Shares of(HookedModel model, int[] ids, Hooks hooks, int answer, int foil) {
        AnalysisUndefinedException.requireSummedStream(model.config());
        Torch.inference();
        try (NDScope scope = new NDScope();
                NDManager local = Torch.manager()) {
            scope.suppressNotUsedWarning();
            ActivationCache cache = hooks.capture(
                    point -> switch (point.kind()) {
                        case EMBED, POS_EMBED, Z, MLP_OUT, FINAL_SCALE, FINAL_NORMALIZED -> true;
                        case LN1_POST_SCALE, LN2_POST_SCALE -> true;
                        default -> false;
                    },
                    local);
            NDArray logits = model.lastLogits(List.of(ids), hooks, local);
            return new Attribution(model, cache, ids.length - 1, answer, foil).shares(logits);
        }
    }

    /** The sums of one run; its arrays live in the caller's scope. */
    private static final class Attribution {
        private final ModelConfig config;
        private final Weights weights;
        private final ActivationCache cache;
        private final int last;
        private final int answer;
        private final int foil;
        private final boolean centred;
        private final NDArray direction;
        private final NDArray token;
        private final double scale;
        private final double unembedBias;
        private final List<String> names = new ArrayList<>();
        private final List<Double> shares = new ArrayList<>();

        Attribution(HookedModel model, ActivationCache cache, int last, int answer, int foil) {
            this.config = model.config();
            this.weights = model.weights();
            this.cache = cache;
            this.last = last;
            this.answer = answer;
            this.foil = foil;
            this.centred = config.block().norm() == BlockShape.Norm.LAYER_NORM;
            this.token =
                    weights.unembed().get(":, " + answer).sub(weights.unembed().get(":, " + foil));
            NDArray gained = token.mul(weights.finalGain());
            // LayerNorm's centring is linear: centring the direction once equals centring every component.
            this.direction = centred ? gained.sub(gained.mean()) : gained;
            this.scale = row(HookKind.FINAL_SCALE, -1).getFloat();
            NDArray bias = weights.unembedBias();
            this.unembedBias = bias == null ? 0 : (double) bias.getFloat(answer) - bias.getFloat(foil);
        }

        Shares shares(NDArray logits) {
            add("embed", row(HookKind.EMBED, -1));
            if (weights.positionEmbed() != null) {
                add("pos_embed", row(HookKind.POS_EMBED, -1));
            }
            for (int layer = 0; layer < config.layers(); layer++) {
                attention(layer, weights.layers().get(layer));
                mlp(layer, weights.layers().get(layer));
            }
            if (weights.finalBias() != null) {
                put("final norm bias", weights.finalBias().mul(token).sum().getFloat());
            }
            if (weights.unembedBias() != null) {
                put("unembed bias", unembedBias);
            }
            return new Shares(
                    List.copyOf(names),
                    shares.stream().mapToDouble(Double::doubleValue).toArray(),
                    difference(logits));
        }

        /** A cap bends sums, so where there is one the difference is taken again in front of it. */
        private double difference(NDArray logits) {
            if (config.ends().finalSoftCap() == 0) {
                return (double) logits.getFloat(0, answer) - logits.getFloat(0, foil);
            }
            NDArray gained = row(HookKind.FINAL_NORMALIZED, -1).mul(weights.finalGain());
            NDArray normed = weights.finalBias() == null ? gained : gained.add(weights.finalBias());
            return normed.mul(token).sum().getFloat() + unembedBias;
        }

        private void attention(int layer, LayerWeights w) {
            NDArray through = through(HookKind.LN1_POST_SCALE, layer, w.ln1PostGain());
            // W_O onto the direction first: [heads, d_head], then one product per head instead of d_model of them.
            NDArray perHead = w.output().matMul(through).reshape(config.heads(), config.dHead());
            float[] heads = row(HookKind.Z, layer)
                    .reshape(config.heads(), config.dHead())
                    .mul(perHead)
                    .sum(new int[] {1})
                    .toFloatArray();
            for (int head = 0; head < heads.length; head++) {
                put("L" + layer + "H" + head, heads[head] / scale);
            }
            if (w.outputBias() != null) {
                put(
                        "L" + layer + " attn bias",
                        w.outputBias().mul(through).sum().getFloat() / scale);
            }
        }

        private void mlp(int layer, LayerWeights w) {
            double all = row(HookKind.MLP_OUT, layer).mul(direction).sum().getFloat() / scale;
            if (w.mlpOutBias() == null) {
                put("L" + layer + " mlp", all);
                return;
            }
            NDArray through = through(HookKind.LN2_POST_SCALE, layer, w.ln2PostGain());
            double bias = w.mlpOutBias().mul(through).sum().getFloat() / scale;
            put("L" + layer + " mlp", all - bias);
            put("L" + layer + " mlp bias", bias);
        }

        /** The direction as what attention or MLP give meets it: before the norm behind them, its scale frozen. */
        private NDArray through(HookKind postScale, int layer, NDArray postGain) {
            if (postGain == null) {
                return direction;
            }
            NDArray gained = direction.mul(postGain);
            NDArray facing = centred ? gained.sub(gained.mean()) : gained;
            return facing.div(row(postScale, layer).getFloat());
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
