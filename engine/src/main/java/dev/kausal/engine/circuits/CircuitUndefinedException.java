package dev.kausal.engine.circuits;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.KausalException;

/** A weight circuit that does not describe the model. */
public final class CircuitUndefinedException extends KausalException {
    private static final long serialVersionUID = 1L;

    private CircuitUndefinedException(ModelConfig config, String message) {
        super(Blame.USER, "This " + config.family() + " model has no such circuit: " + message);
    }

    static void requireSummedStream(ModelConfig config) {
        if (config.block().order().normsSum()) {
            throw new CircuitUndefinedException(
                    config,
                    "its blocks norm the residual stream itself, so no fixed matrix maps a head's output to later heads'"
                            + " inputs. Patch or ablate heads instead.");
        }
        if (config.block().order().normsOutput()) {
            throw new CircuitUndefinedException(
                    config,
                    "its blocks norm the attention output before adding it, so a head's output depends on the other"
                            + " heads'. Patch or ablate heads instead.");
        }
    }

    /** Throws if the stream is normed itself, so that no reader's input is a sum of outputs. */
    static void requireSum(ModelConfig config) {
        if (config.block().order().normsSum()) {
            throw new CircuitUndefinedException(
                    config,
                    "its blocks norm the residual stream itself, so what a later part reads is no sum of outputs, and no"
                            + " edge carries one of them alone. Patch or ablate heads and layers instead.");
        }
    }

    static void requireBilinearScores(ModelConfig config, int layer) {
        AttentionConfig attention = config.attention();
        String between = attention.rotary().get(layer).rotates()
                ? "rotates queries and keys by position"
                : attention.headNorm() != AttentionConfig.HeadNorm.NONE
                        ? "norms queries and keys"
                        : attention.softCap() > 0 ? "caps scores" : null;
        if (between != null) {
            throw new CircuitUndefinedException(
                    config,
                    "layer " + layer + " " + between
                            + ", so no single matrix gives its scores. unrotatedQk() leaves that"
                            + " out, as TransformerLens does.");
        }
    }

    static void requireTokens(ModelConfig config) {
        if (config.readsImages()
                || !config.head().hasVocabulary()
                || config.head().transform().isPresent()) {
            throw new CircuitUndefinedException(
                    config,
                    "the token-to-logit circuit needs an embedding and an unembedding over the same tokens. Use ov().");
        }
    }
}
