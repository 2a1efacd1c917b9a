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

    private AnalysisUndefinedException(String message) {
        super(Blame.USER, message);
    }

    /** Returns the exception for names of tokens without a tokenizer. */
    public static AnalysisUndefinedException noTokenizer(ModelConfig config) {
        return new AnalysisUndefinedException("Names of tokens need a tokenizer, but this " + config.family()
                + " model has none. Use a checkpoint of a text model with its tokenizer's files.");
    }

    /**
     * Checks that a model reads tokens.
     *
     * @param analysis what needs them, at the start of the message
     * @throws AnalysisUndefinedException if it reads images
     */
    public static void requireTokens(String analysis, ModelConfig config) {
        if (config.readsImages()) {
            throw new AnalysisUndefinedException(
                    analysis, "a model that reads tokens", config, "Capture hook_embed, which an image has as well.");
        }
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
