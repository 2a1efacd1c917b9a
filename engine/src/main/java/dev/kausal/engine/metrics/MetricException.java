package dev.kausal.engine.metrics;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.errors.KausalException;
import java.util.Arrays;
import java.util.List;

/** A metric that the model cannot compute. */
public final class MetricException extends KausalException {
    private static final long serialVersionUID = 1L;

    private MetricException(String message) {
        super(Blame.USER, message);
    }

    static MetricException nothingPredicted() {
        return new MetricException("A loss needs a next token to predict, but a prompt of one token has none"
                + ". Use a longer prompt, or another metric.");
    }

    static MetricException nothingContinued(int tokens) {
        return new MetricException("A log-likelihood is that of one token or more, not of " + tokens
                + ". Give the number of tokens that follow the prompt.");
    }

    /** Returns a copy of {@code outputs}, of which there must be one or more. */
    static List<Integer> some(String what, List<Integer> outputs) {
        if (outputs.isEmpty()) {
            throw new MetricException("A metric of no " + what + " is undefined. Name one or more.");
        }
        return List.copyOf(outputs);
    }

    /**
     * Checks that a model computes what {@code metric} reads of an input of {@code length}.
     *
     * @throws MetricException if it cannot
     */
    public static void check(ModelConfig config, Metric metric, int length) {
        OutputHeadConfig.Task task = config.head().task();
        if (task == OutputHeadConfig.Task.HIDDEN_STATES) {
            throw new MetricException("A metric needs logits, but this " + config.family()
                    + " model has no head: its outputs are hidden states. Open a checkpoint with a head.");
        }
        if (task == OutputHeadConfig.Task.EMBEDDING) {
            throw new MetricException("A metric needs logits, but the output of this " + config.family()
                    + " model is an embedding of the whole input. Open a classifier.");
        }
        if (metric.ofOwnTokens() && task != OutputHeadConfig.Task.NEXT_TOKEN) {
            throw new MetricException("A loss or a log-likelihood is that of an input's own next tokens, but this "
                    + config.family() + " model predicts none. Use a logit, a probability or KL.");
        }
        metric.positions(length).ifPresent(positions -> checkPositions(config, positions, length));
        for (int answer : metric.named()) {
            if (answer < 0 || answer >= config.outputs()) {
                throw new MetricException("A metric names output " + answer + ", but this " + config.family()
                        + " model has outputs 0 to " + (config.outputs() - 1) + ".");
            }
        }
    }

    private static void checkPositions(ModelConfig config, int[] positions, int length) {
        if (config.head().pooled()) {
            throw new MetricException("A metric reads logits of positions, but this " + config.family()
                    + " model gives one output for the whole input. Leave the positions out.");
        }
        for (int i = 0; i < positions.length; i++) {
            if (positions[i] < 0 || positions[i] >= length || (i > 0 && positions[i] <= positions[i - 1])) {
                throw new MetricException("A metric reads the positions " + Arrays.toString(positions)
                        + ", but they must ascend from 0 to " + (length - 1) + " at most, the input's last.");
            }
        }
    }
}
