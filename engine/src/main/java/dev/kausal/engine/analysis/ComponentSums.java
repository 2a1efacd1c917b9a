package dev.kausal.engine.analysis;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.graph.Component;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.model.HookedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** Sums over components of prompts in one pass; arrays belong to the caller's scope. */
final class ComponentSums {
    private final HookedModel model;
    private final ModelConfig config;
    private final Weights weights;
    private final ReadDirections directions;
    private final List<DirectLogitAttribution.Prompt> prompts;
    private final double[] unembedBias;
    private final List<Component> components = new ArrayList<>();
    private final List<float[]> shares = new ArrayList<>();

    ComponentSums(HookedModel model, ReadDirections directions, List<DirectLogitAttribution.Prompt> prompts) {
        this.model = model;
        this.config = model.config();
        this.weights = model.weights();
        this.directions = directions;
        this.prompts = prompts;
        NDArray bias = weights.unembedBias();
        this.unembedBias = prompts.stream()
                .mapToDouble(prompt -> bias == null ? 0 : prompt.metric().of(output -> bias.getFloat(output)))
                .toArray();
    }

    List<DirectLogitAttribution.Shares> shares(NDArray logits) {
        HookKind first = config.embedding().embedNorm() ? HookKind.FULL_EMBED : HookKind.EMBED;
        put(new Component.Embed(), row(first, -1).mul(directions.inStream()));
        if (first == HookKind.EMBED
                && model.points().find(HookKind.POS_EMBED, -1).isPresent()) {
            put(new Component.PosEmbed(), row(HookKind.POS_EMBED, -1).mul(directions.inStream()));
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                LayerWeights w = weights.layers().get(layer);
                attention(layer, w);
                mlp(layer, w);
            }
        }
        NDArray finalBias = weights.finalBias();
        if (finalBias != null) {
            put(new Component.FinalNormBias(), directions.behindNorm().mul(finalBias));
        }
        // A cap is nonlinear, so the difference is measured again before it.
        float @Nullable [] uncapped = config.head().softCap() == 0 ? null : uncapped();
        List<DirectLogitAttribution.Shares> all = new ArrayList<>();
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            all.add(of(logits, prompt, uncapped));
        }
        return all;
    }

    private DirectLogitAttribution.Shares of(NDArray logits, int prompt, float @Nullable [] uncapped) {
        List<Component> all = new ArrayList<>(components);
        DoubleStream found = shares.stream().mapToDouble(share -> share[prompt]);
        if (weights.unembedBias() != null) {
            all.add(new Component.UnembedBias());
            found = DoubleStream.concat(found, DoubleStream.of(unembedBias[prompt]));
        }
        DirectLogitAttribution.Prompt its = prompts.get(prompt);
        double difference = its.metric().of(output -> logits.getFloat(prompt, output));
        if (uncapped != null) {
            all.add(new Component.SoftCap());
            found = DoubleStream.concat(found, DoubleStream.of(difference - uncapped[prompt] - unembedBias[prompt]));
        }
        return new DirectLogitAttribution.Shares(List.copyOf(all), found.toArray(), difference);
    }

    private float[] uncapped() {
        NDArray gained = row(HookKind.FINAL_NORMALIZED, -1).mul(weights.finalGain());
        NDArray bias = weights.finalBias();
        NDArray normed = bias == null ? gained : gained.add(bias);
        return summed(normed.mul(directions.behindNorm()));
    }

    private void attention(int layer, LayerWeights w) {
        NDArray direction = directions.attention(layer, w);
        // Projects W_O onto the direction first: one product per prompt and head instead of d_model.
        NDArray perHead = direction.matMul(w.output().float32().transpose());
        NDArray products = row(HookKind.Z, layer).mul(perHead);
        NDArray heads = directions.perInput(products.reshape(products.getShape().get(0), config.heads(), config.dHead())
                .sum(new int[] {2}));
        float[] all = heads.transpose().flatten().toFloatArray();
        for (int head = 0; head < config.heads(); head++) {
            components.add(new Component.Head(layer, head));
            shares.add(Arrays.copyOfRange(all, head * prompts.size(), (head + 1) * prompts.size()));
        }
        NDArray bias = w.outputBias();
        if (bias != null) {
            put(new Component.AttentionBias(layer), direction.mul(bias));
        }
    }

    private void mlp(int layer, LayerWeights w) {
        NDArray all = row(HookKind.MLP_OUT, layer).mul(directions.inStream());
        NDArray outBias = w.mlpOutBias();
        if (outBias == null) {
            put(new Component.Mlp(layer), all);
            return;
        }
        NDArray bias = directions.mlp(layer, w).mul(outBias);
        put(new Component.Mlp(layer), all.sub(bias));
        put(new Component.MlpBias(layer), bias);
    }

    private NDArray row(HookKind kind, int layer) {
        return directions.row(kind, layer);
    }

    /** Adds a component from its products with the direction [prompt * read position, d_model]. */
    private void put(Component component, NDArray products) {
        components.add(component);
        shares.add(summed(products));
    }

    private float[] summed(NDArray products) {
        return directions.perInput(products.sum(new int[] {1}, true)).toFloatArray();
    }
}
