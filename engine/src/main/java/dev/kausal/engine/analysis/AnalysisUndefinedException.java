package dev.kausal.engine.analysis;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.errors.KausalException;

/** An analysis of a model for which it has no meaning. */
public final class AnalysisUndefinedException extends KausalException {
    private static final long serialVersionUID = 1L;

    private AnalysisUndefinedException(String analysis, String needs, ModelConfig config, String advice) {
        super(Blame.USER, analysis + " needs " + needs + "; this " + config.family() + " model is none. " + advice);
    }

    static void requireSummedStream(ModelConfig config) {
        OutputHeadConfig head = config.head();
        boolean linear = head.task() == OutputHeadConfig.Task.NEXT_TOKEN
                || (head.task() == OutputHeadConfig.Task.CLASSES
                        && head.pooler().isEmpty()
                        && head.pool() != OutputHeadConfig.Pool.ATTENTION);
        if (!linear || config.block().order().normsSum()) {
            throw new AnalysisUndefinedException(
                    "Direct logit attribution",
                    "a model with a head that reads its residual stream through one norm, where the residual stream is"
                            + " the sum of what its parts wrote",
                    config,
                    "Patch or ablate its parts instead.");
        }
    }

    static void requireTokensPerRow(ModelConfig config) {
        if (config.head().pooled() || !config.head().hasVocabulary()) {
            throw new AnalysisUndefinedException(
                    "The logit lens",
                    "a model whose head reads each position's stream as tokens",
                    config,
                    "Capture hook_resid_post and read it with a probe.");
        }
    }
}
