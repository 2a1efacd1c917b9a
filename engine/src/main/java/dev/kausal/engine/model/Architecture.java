package dev.kausal.engine.model;

import java.util.List;

/**
 * Which checkpoint tensor is which parameter of a model family.
 *
 * <p>The maths is one implementation for all families ({@code exec.ForwardPass}); a family is a table for it, and the
 * choices in its {@link ModelConfig}.
 *
 * @param name the family's name in specs and messages
 * @param tables one per checkpoint naming, tried in order
 */
public record Architecture(String name, List<Table> tables) {
    /**
     * The tensors of one way to name a checkpoint.
     *
     * @param naming says whose names they are
     * @param rules one per tensor and parameter, the embedding first
     * @param ignored regular expressions of tensors that hold no weights (masks, rotary tables)
     */
    public record Table(String naming, List<WeightRule> rules, List<String> ignored) {
        static final String HUGGING_FACE = "Hugging Face";
        static final String GGUF = "GGUF";

        public Table {
            rules = List.copyOf(rules);
            ignored = List.copyOf(ignored);
        }
    }
}
