package dev.kausal.engine.replacement;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.errors.KausalException;
import java.util.Optional;

/** A model without a local replacement model, or transcoders that do not make one. */
public final class ReplacementException extends KausalException {
    private static final long serialVersionUID = 1L;

    private ReplacementException(String message) {
        super(Blame.USER, message);
    }

    /** Returns why a model has no local replacement model; empty if it has one. */
    public static Optional<String> why(ModelConfig config) {
        if (config.readsImages() || config.head().task() != OutputHeadConfig.Task.NEXT_TOKEN) {
            return Optional.of("it predicts no next token");
        }
        if (config.block().order().normsSum()) {
            return Optional.of(
                    "its blocks norm the residual stream itself, so what a feature reads is no sum of outputs");
        }
        return Optional.empty();
    }

    static void check(ModelConfig config) {
        why(config).ifPresent(reason -> {
            throw new ReplacementException(
                    "This " + config.family() + " model has no attribution graph: " + reason + ".");
        });
    }

    static ReplacementException otherLayers(int expected, int found) {
        return new ReplacementException("An attribution graph needs one transcoder for each of the model's " + expected
                + " layers, in their order; found " + found + ".");
    }

    static ReplacementException notLinear(LayerTranscoder transcoder) {
        return new ReplacementException("The transcoder at " + transcoder.site()
                + " rescales what it reads, so its features are not linear in the stream; use one without"
                + " normalised activations.");
    }
}
