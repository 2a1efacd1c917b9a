package dev.kausal.engine.analysis;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Torch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Splits each head's share of a logit (see {@link DirectLogitAttribution}) by source position (Elhage et al. 2021: a
 * head's output is the sum over keys of attention weight · value · W_O).
 *
 * <p>For a classifier that reads [CLS], this shows which patches contributed to a class's logit, and through which
 * head. A value at a patch already mixes information from other patches: shares of late heads refer to the stream at
 * the patch, not to its pixels alone.
 *
 * @param shares logits [layer][head][position]; their sum over positions is the head's share
 */
public record SourceAttribution(double[][][] shares) {
    /**
     * Attributes logit(answer) − logit(foil) to heads and source positions.
     *
     * @param hooks edits to run under, or an empty set; reading hooks are added during the run
     * @throws AnalysisUndefinedException if direct logit attribution is undefined for the model
     */
    public static SourceAttribution of(HookedModel model, DirectLogitAttribution.Prompt prompt, Hooks hooks) {
        ModelConfig config = model.config();
        AnalysisUndefinedException.requireSummedStream(config);
        Torch.inference();
        try (Scope scope = model.device().scope()) {
            NDManager local = scope.manager();
            int read = ReadRows.positions(config, prompt.input().length()).length;
            ReadRows rows = new ReadRows(config, read, local);
            Map<HookPoint, NDArray> mixed = new HashMap<>();
            try (HookHandle scales = hooks.read(SourceAttribution::scale, rows);
                    HookHandle mixing =
                            hooks.read(SourceAttribution::mixing, (x, point) -> mixed.put(point, kept(x, local)))) {
                model.outputsAt(prompt.input(), prompt.input().length() - 1, hooks, local);
                if (scales.fired() == 0 || mixing.fired() == 0) {
                    throw new IllegalStateException("the pass did not reach every hook point");
                }
            }
            ReadDirections directions =
                    new ReadDirections(config, model.weights(), model.points(), rows, List.of(prompt));
            return new SourceAttribution(IntStream.range(0, config.layers())
                    .mapToObj(layer -> layer(model, layer, directions, mixed))
                    .toArray(double[][][]::new));
        }
    }

    private static double[][] layer(
            HookedModel model, int layer, ReadDirections directions, Map<HookPoint, NDArray> mixed) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            LayerWeights w = model.weights().layers().get(layer);
            return layer(
                    model.config(),
                    directions.attention(layer, w),
                    w,
                    Present.in(mixed, model.points().named(HookKind.PATTERN.name(layer))),
                    Present.in(mixed, model.points().named(HookKind.V.name(layer))));
        }
    }

    private static boolean scale(HookPoint point) {
        return point.kind() == HookKind.FINAL_SCALE || point.kind() == HookKind.LN1_POST_SCALE;
    }

    private static boolean mixing(HookPoint point) {
        return point.kind() == HookKind.PATTERN || point.kind() == HookKind.V;
    }

    private static NDArray kept(NDArray activation, NDManager owner) {
        NDArray kept = activation.duplicate();
        NDScope.unregister(kept);
        kept.attach(owner);
        return kept;
    }

    /**
     * Returns one layer's shares [head][key].
     *
     * @param direction [read position, d_model]
     * @param pattern [1, head, query, key]
     * @param v [1, key, key-value head, d_head]
     */
    private static double[][] layer(ModelConfig config, NDArray direction, LayerWeights w, NDArray pattern, NDArray v) {
        long read = direction.getShape().get(0);
        NDArray perHead = direction
                .matMul(w.output().float32().transpose())
                .reshape(read, config.heads(), config.dHead())
                .transpose(1, 0, 2);
        NDArray values = v.squeeze(0).repeat(1, config.groupSize()).transpose(1, 2, 0);
        NDArray weights = ReadRows.read(config, pattern, 2).squeeze(0);
        float[] shares = perHead.matMul(values).mul(weights).sum(new int[] {1}).toFloatArray();
        int keys = shares.length / config.heads();
        double[][] nested = new double[config.heads()][keys];
        for (int i = 0; i < shares.length; i++) {
            nested[i / keys][i % keys] = shares[i];
        }
        return nested;
    }

    /** Returns what each position contributed through attention, summed over layers and heads [position]. */
    public double[] perPosition() {
        double[] sums = new double[shares[0][0].length];
        for (double[][] layer : shares) {
            for (double[] head : layer) {
                for (int position = 0; position < sums.length; position++) {
                    sums[position] += head[position];
                }
            }
        }
        return sums;
    }
}
