package dev.kausal.engine.requests;

import dev.kausal.engine.analysis.DirectLogitAttribution;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import java.util.List;

/**
 * Direct logit attribution of prompts or images, in one batch.
 */
public record Attribution(List<DirectLogitAttribution.Prompt> prompts)
        implements Request<List<DirectLogitAttribution.Shares>> {
    @Override
    public List<DirectLogitAttribution.Shares> of(HookedModel model) {
        return DirectLogitAttribution.of(model, prompts, new Hooks(model.points()));
    }
}
