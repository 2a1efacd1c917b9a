package dev.kausal.engine.requests;

import dev.kausal.engine.analysis.LogitLens;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import java.util.List;

/** The logit lens at every layer and position of a prompt. The answer is [layer][position]. */
public record Lens(List<Integer> ids, LogitLens.Query query) implements Request<List<List<LogitLens.Reading>>> {
    @Override
    public List<List<LogitLens.Reading>> of(HookedModel model) {
        int[] prompt = ids.stream().mapToInt(Integer::intValue).toArray();
        return LogitLens.of(model, prompt, new Hooks(model.points()), query);
    }
}
