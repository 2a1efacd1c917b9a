package dev.kausal.engine.analysis;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.exec.LayerMaths;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.BlockShape;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.LayerWeights;
import dev.kausal.engine.model.ModelConfig;
import dev.kausal.engine.model.Weights;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.DoubleStream;

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
     * A prompt with what is attributed.
     *
     * @param ids token ids [position]
     */
    public record Prompt(int[] ids, int answer, int foil) {}

    /** Prompts run together up to so many rows, where a matrix product is near its best. */
    private static final int ROWS = 2048;

    /**
     * Attributes logit(answer) − logit(foil) at the last position of each prompt.
     *
     * @param hooks edits under which to run, or an empty set; reading hooks are added to it while it runs
     * @return one per prompt
     * @throws AnalysisUndefinedException where the residual stream is no sum (BERT), or outputs are no tokens
     */
    public static List<Shares> of(HookedModel model, List<Prompt> prompts, Hooks hooks) {
        AnalysisUndefinedException.requireSummedStream(model.config());
        List<Shares> shares = new ArrayList<>();
        List<Prompt> together = new ArrayList<>();
        int rows = 0;
        for (Prompt prompt : prompts) {
            if (!together.isEmpty() && rows + prompt.ids().length > ROWS) {
                shares.addAll(attributed(model, together, hooks));
                together.clear();
                rows = 0;
            }
            together.add(prompt);
            rows += prompt.ids().length;
        }
        if (!together.isEmpty()) {
            shares.addAll(attributed(model, together, hooks));
        }
        return shares;
    }

    /** The same of one prompt. */
    public static Shares of(HookedModel model, int[] ids, Hooks hooks, int answer, int foil) {
        return of(model, List.of(new Prompt(ids, answer, foil)), hooks).get(0);
    }

    private static List<Shares> attributed(HookedModel model, List<Prompt> prompts, Hooks hooks) {
        Torch.inference();
        try (NDScope scope = new NDScope();
                NDManager local = Torch.manager()) {
            scope.suppressNotUsedWarning();
            LastRows rows = new LastRows(local);
            NDArray logits;
            try (HookHandle reading = hooks.read(LastRows::wanted, rows)) {
                List<int[]> sequences = prompts.stream().map(Prompt::ids).toList();
                logits = model.lastLogits(sequences, hooks, local);
                if (reading.fired() == 0) {
                    throw new IllegalStateException("the pass reached no hook point");
                }
            }
            return new Attribution(model, rows, prompts).shares(logits);
        }
    }

    /** The last position of each sequence at the points that attribution reads. */
    private static final class LastRows implements BiConsumer<NDArray, HookPoint> {
        private final NDManager owner;
        private final Map<HookPoint, List<NDArray>> parts = new HashMap<>();

        LastRows(NDManager owner) {
            this.owner = owner;
        }

        static boolean wanted(HookPoint point) {
            return switch (point.kind()) {
                case EMBED, POS_EMBED, Z, MLP_OUT, FINAL_SCALE, FINAL_NORMALIZED -> true;
                case LN1_POST_SCALE, LN2_POST_SCALE -> true;
                default -> false;
            };
        }

        @Override
        public void accept(NDArray activation, HookPoint point) {
            NDArray last = activation.get(":, -1").duplicate();
            NDScope.unregister(last);
            last.attach(owner);
            parts.computeIfAbsent(point, key -> new ArrayList<>(1)).add(last);
        }

        /** [prompt, unit] at a point; heads follow each other. */
        NDArray at(HookPoint point) {
            List<NDArray> all = parts.get(point);
            NDArray rows = all.size() == 1 ? all.get(0) : NDArrays.concat(new NDList(all));
            long count = rows.getShape().get(0);
            return rows.reshape(count, rows.size() / count);
        }
    }

    /** The sums of prompts that ran together; its arrays live in the caller's scope. */
    private static final class Attribution {
        private final HookedModel model;
        private final ModelConfig config;
        private final Weights weights;
        private final LastRows rows;
        private final List<Prompt> prompts;
        private final boolean centred;
        private final NDArray direction;
        private final NDArray token;
        private final NDArray scale;
        private final double[] unembedBias;
        private final List<String> names = new ArrayList<>();
        private final List<float[]> shares = new ArrayList<>();

        Attribution(HookedModel model, LastRows rows, List<Prompt> prompts) {
            this.model = model;
            this.config = model.config();
            this.weights = model.weights();
            this.rows = rows;
            this.prompts = prompts;
            this.centred = config.block().norm() == BlockShape.Norm.LAYER_NORM;
            int[] answers = prompts.stream().mapToInt(Prompt::answer).toArray();
            int[] foils = prompts.stream().mapToInt(Prompt::foil).toArray();
            this.token = columns(answers).sub(columns(foils));
            this.direction = facing(token.mul(weights.finalGain()));
            this.scale = row(HookKind.FINAL_SCALE, -1);
            NDArray bias = weights.unembedBias();
            this.unembedBias = prompts.stream()
                    .mapToDouble(prompt ->
                            bias == null ? 0 : (double) bias.getFloat(prompt.answer()) - bias.getFloat(prompt.foil()))
                    .toArray();
        }

        /** Columns of W_U, one row per token: [prompt, d_model]. */
        private NDArray columns(int[] tokens) {
            return LayerMaths.gather(weights.unembed().transpose(), rows.owner.create(tokens));
        }

        /** LayerNorm's centring is linear: centring the direction once equals centring every component. */
        private NDArray facing(NDArray gained) {
            return centred ? gained.sub(gained.mean(new int[] {-1}, true)) : gained;
        }

        List<Shares> shares(NDArray logits) {
            put("embed", row(HookKind.EMBED, -1).mul(direction));
            if (model.points().find(HookKind.POS_EMBED, -1).isPresent()) {
                put("pos_embed", row(HookKind.POS_EMBED, -1).mul(direction));
            }
            for (int layer = 0; layer < config.layers(); layer++) {
                attention(layer, weights.layers().get(layer));
                mlp(layer, weights.layers().get(layer));
            }
            if (weights.finalBias() != null) {
                names.add("final norm bias");
                shares.add(token.mul(weights.finalBias()).sum(new int[] {1}).toFloatArray());
            }
            double[] differences = differences(logits);
            List<Shares> all = new ArrayList<>();
            for (int prompt = 0; prompt < prompts.size(); prompt++) {
                all.add(of(prompt, differences[prompt]));
            }
            return all;
        }

        private Shares of(int prompt, double difference) {
            List<String> components = new ArrayList<>(names);
            DoubleStream found = shares.stream().mapToDouble(share -> share[prompt]);
            if (weights.unembedBias() != null) {
                components.add("unembed bias");
                found = DoubleStream.concat(found, DoubleStream.of(unembedBias[prompt]));
            }
            return new Shares(List.copyOf(components), found.toArray(), difference);
        }

        /** A cap bends sums, so where there is one the difference is taken again in front of it. */
        private double[] differences(NDArray logits) {
            double[] found = new double[prompts.size()];
            float[] before = config.ends().finalSoftCap() == 0 ? null : uncapped();
            for (int i = 0; i < found.length; i++) {
                Prompt prompt = prompts.get(i);
                found[i] = before == null
                        ? (double) logits.getFloat(i, prompt.answer()) - logits.getFloat(i, prompt.foil())
                        : before[i] + unembedBias[i];
            }
            return found;
        }

        private float[] uncapped() {
            NDArray gained = row(HookKind.FINAL_NORMALIZED, -1).mul(weights.finalGain());
            NDArray normed = weights.finalBias() == null ? gained : gained.add(weights.finalBias());
            return normed.mul(token).sum(new int[] {1}).toFloatArray();
        }

        private void attention(int layer, LayerWeights w) {
            NDArray through = through(HookKind.LN1_POST_SCALE, layer, w.ln1PostGain());
            // W_O onto the direction first: one product per prompt and head instead of d_model of them.
            NDArray perHead = through.matMul(w.output().transpose());
            NDArray heads = row(HookKind.Z, layer)
                    .mul(perHead)
                    .reshape(prompts.size(), config.heads(), config.dHead())
                    .sum(new int[] {2})
                    .div(scale);
            float[] all = heads.transpose().flatten().toFloatArray();
            for (int head = 0; head < config.heads(); head++) {
                names.add("L" + layer + "H" + head);
                shares.add(Arrays.copyOfRange(all, head * prompts.size(), (head + 1) * prompts.size()));
            }
            if (w.outputBias() != null) {
                put("L" + layer + " attn bias", through.mul(w.outputBias()));
            }
        }

        private void mlp(int layer, LayerWeights w) {
            NDArray all = row(HookKind.MLP_OUT, layer).mul(direction);
            if (w.mlpOutBias() == null) {
                put("L" + layer + " mlp", all);
                return;
            }
            NDArray bias =
                    through(HookKind.LN2_POST_SCALE, layer, w.ln2PostGain()).mul(w.mlpOutBias());
            put("L" + layer + " mlp", all.sub(bias));
            put("L" + layer + " mlp bias", bias);
        }

        /** The direction as what attention or MLP give meets it: before the norm behind them, its scale frozen. */
        private NDArray through(HookKind postScale, int layer, NDArray postGain) {
            return postGain == null
                    ? direction
                    : facing(direction.mul(postGain)).div(row(postScale, layer));
        }

        /** The last position's rows [prompt, unit]. */
        private NDArray row(HookKind kind, int layer) {
            return rows.at(model.points().named(kind.name(layer)));
        }

        /** Adds a component from its products with the direction [prompt, d_model]. */
        private void put(String name, NDArray products) {
            names.add(name);
            shares.add(products.sum(new int[] {1}, true).div(scale).toFloatArray());
        }
    }
}
