package dev.kausal.engine.requests;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.analysis.AnalysisRangeException;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.Arrays;
import java.util.List;

/**
 * Each head's output to the stream at one position of a prompt. The answer is [layer][head · d_model]; a position beyond
 * the prompt throws an {@link AnalysisRangeException}.
 */
public record HeadResults(List<Integer> ids, int position) implements Request<float[][]> {
    @Override
    public float[][] of(HookedModel model) {
        if (!ids.isEmpty()) {
            AnalysisRangeException.check("The position of heads' outputs", position, 0, ids.size());
        }
        Torch.inference();
        ModelConfig config = model.config();
        int width = config.heads() * config.dModel();
        float[][] results = new float[config.layers()][];
        Hooks hooks = new Hooks(model.points());
        try (NDManager manager = model.device().manager();
                ActivationCache cache = hooks.capture(point -> point.kind() == HookKind.RESULT, manager)) {
            model.lastLogits(List.of(ids.stream().mapToInt(Integer::intValue).toArray()), hooks, manager);
            for (int layer = 0; layer < results.length; layer++) {
                float[] all = cache.get(HookKind.RESULT.name(layer)).toFloatArray();
                results[layer] = Arrays.copyOfRange(all, position * width, (position + 1) * width);
            }
        }
        return results;
    }
}
