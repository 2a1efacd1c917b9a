package dev.kausal.engine.certify;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Patches every hook point with its own value: the outputs must not move. All points of a kind, one per layer, are
 * patched in one pass, so that the result bounds the effect of each alone.
 *
 * <p>The same passes look for values that are not finite.
 */
final class SelfPatches {
    private final HookedModel model;
    private final Map<HookKind, Double> drifts = new EnumMap<>(HookKind.class);
    private double largestOutput = 1;
    private int notFinite;
    private String whereNotFinite = "";

    SelfPatches(HookedModel model, List<Input> inputs) {
        this.model = model;
        inputs.forEach(this::run);
    }

    /**
     * Returns whether the model can be patched at the kind: a shared input of query and key heads needs equally many of
     * both.
     */
    private boolean patchable(HookKind kind) {
        return kind != HookKind.ATTN_IN || model.config().groupSize() == 1;
    }

    /** Returns the largest absolute change of the outputs; NaN if the model cannot be patched at the kind. */
    double drift(HookKind kind) {
        return drifts.getOrDefault(kind, Double.NaN);
    }

    Certificate.Check drifts(double bound) {
        Map.Entry<HookKind, Double> worst =
                drifts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        return new Certificate.Check(
                "change of outputs when points are patched with their own values, relative",
                worst.getValue() / largestOutput,
                bound,
                worst.getValue() == 0 ? "" : Certifier.name(worst.getKey()));
    }

    Certificate.Check finite() {
        return new Certificate.Check("hook points and outputs that are not finite", notFinite, 0, whereNotFinite);
    }

    private void run(Input input) {
        try (NDManager manager = Torch.manager()) {
            Hooks watching = new Hooks(model.points());
            ActivationCache own = watching.capture(point -> true, manager);
            float[] plain = model.outputs(List.of(input), watching, manager).toFloatArray();
            checkFinite("outputs", plain, false);
            for (String name : own.names()) {
                boolean masked = model.points().named(name).kind() == HookKind.ATTN_SCORES;
                checkFinite(name, own.get(name).toFloatArray(), masked);
            }
            for (float value : plain) {
                largestOutput = Math.max(largestOutput, Math.abs(value));
            }
            for (HookKind kind : HookKind.values()) {
                if (model.points().find(kind, 0).isPresent() && patchable(kind)) {
                    drifts.merge(kind, largestChange(input, kind, own, plain), Math::max);
                }
            }
        }
    }

    private double largestChange(Input input, HookKind kind, ActivationCache own, float[] plain) {
        try (NDManager manager = Torch.manager()) {
            Hooks patching = new Hooks(model.points());
            Predicate<HookPoint> ofKind = point -> point.kind() == kind;
            model.points().all().stream()
                    .filter(ofKind)
                    .forEach(point -> patching.edit(
                            point.name(), (x, at) -> own.get(at.name()).duplicate()));
            float[] patched = model.outputs(List.of(input), patching, manager).toFloatArray();
            return Difference.of(kind.name(), plain, patched).absolute();
        }
    }

    private void checkFinite(String name, float[] values, boolean masked) {
        for (float value : values) {
            if (!Float.isFinite(value) && !(masked && value == Float.NEGATIVE_INFINITY)) {
                notFinite++;
                whereNotFinite = name;
                return;
            }
        }
    }
}
