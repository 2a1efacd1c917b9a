package dev.kausal.engine.requests;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.Arrays;
import java.util.List;

/**
 * Outputs of one position per input, computed as a batch. The answer is [input][output].
 *
 * @param positions positions to read, by input; ignored for a classifier
 */
public record Outputs(List<Input> inputs, List<Integer> positions) implements Request<float[][]> {
    @Override
    public float[][] of(HookedModel model) {
        Torch.inference();
        try (NDManager manager = model.device().manager()) {
            int[] read = positions.stream().mapToInt(Integer::intValue).toArray();
            float[] all = model.outputsAt(inputs, read, new Hooks(model.points()), manager)
                    .toFloatArray();
            int width = all.length / read.length;
            float[][] rows = new float[read.length][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
            }
            return rows;
        }
    }
}
