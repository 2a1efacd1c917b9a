package dev.kausal.engine.analysis;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.errors.KausalException;

/** An analysis that is undefined for a model. */
public final class AnalysisUndefinedException extends KausalException {
    private static final long serialVersionUID = 1L;

    private AnalysisUndefinedException(String analysis, String needs, ModelConfig config, String advice) {
        super(
                Blame.USER,
                analysis + " needs " + needs + ", which this " + config.family() + " model is not. " + advice);
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
                    "a model whose residual stream is the sum of what its components wrote, read by its head through"
                            + " one norm",
                    config,
                    "Patch or ablate its components instead.");
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
