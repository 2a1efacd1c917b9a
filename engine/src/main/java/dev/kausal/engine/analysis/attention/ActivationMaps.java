package dev.kausal.engine.analysis.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;

/**
 * What each block leaves at each patch: the mean over features of the residual stream after it
 * ({@code hook_resid_post}), and its length, on the patch grid.
 *
 * @param grid where the patches lie
 * @param means mean over d_model [layer][patch]
 * @param norms Euclidean length [layer][patch]
 */
public record ActivationMaps(PatchGrid grid, double[][] means, double[][] norms) {
    /**
     * Of one image.
     *
     * @param hooks edits under which to run, or an empty set; reading hooks are added to it while it runs
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
                throw new IllegalStateException(reading.fired() + " of " + means.length + " blocks were reached");
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
