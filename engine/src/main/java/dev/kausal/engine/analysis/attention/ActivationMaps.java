package dev.kausal.engine.analysis.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;

/**
 * Summary of each block's output at each patch: mean over features and Euclidean norm of the residual stream after the
 * block ({@code hook_resid_post}), on the patch grid.
 *
 * @param grid layout of the patches
 * @param means mean over d_model [layer][patch]
 * @param norms Euclidean length [layer][patch]
 */
public record ActivationMaps(PatchGrid grid, double[][] means, double[][] norms) {
    /**
     * Computes the maps of one image.
     *
     * @param hooks edits to run under, or an empty set; reading hooks are added during the run
     */
    public static ActivationMaps of(HookedModel model, Input input, Hooks hooks) {
        PatchGrid grid = PatchGrid.of(model.config(), input);
        double[][] means = new double[model.config().layers()][];
        double[][] norms = new double[means.length][];
        try (NDManager local = model.device().manager();
                HookHandle reading = hooks.read(point -> point.kind() == HookKind.RESID_POST, (stream, point) -> {
                    means[point.layer()] = grid.patches(doubles(stream.mean(new int[] {2})));
                    norms[point.layer()] = grid.patches(
                            doubles(stream.square().sum(new int[] {2}).sqrt()));
                })) {
            model.outputsAt(input, input.length() - 1, hooks, local);
            if (reading.fired() != means.length) {
                throw new IllegalStateException(reading.fired() + " of " + means.length + " blocks fired");
            }
        }
        return new ActivationMaps(grid, means, norms);
    }

    private static double[] doubles(NDArray row) {
        float[] floats = row.toFloatArray();
        double[] doubles = new double[floats.length];
        for (int i = 0; i < floats.length; i++) {
            doubles[i] = floats[i];
        }
        return doubles;
    }
}
