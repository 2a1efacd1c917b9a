package dev.kausal.engine.family;

import dev.kausal.engine.config.ModelConfig;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
     * @param naming the owner of the names
     * @param rules one per tensor and parameter, the embedding first; of two that are one parameter the later counts,
     *     where a file has both
     * @param ignored regular expressions of tensors that hold no weights (masks, rotary tables)
     */
    public record Table(String naming, List<WeightRule> rules, List<String> ignored) {
        static final String HUGGING_FACE = "Hugging Face";
        static final String GGUF = "GGUF";

        public Table {
            rules = List.copyOf(rules);
            ignored = List.copyOf(ignored);
        }

        /** The same tensors where their names begin with {@code other} instead of {@code prefix}. */
        Table renamed(String prefix, String other) {
            return new Table(
                    naming,
                    rules.stream().map(rule -> rule.renamed(prefix, other)).toList(),
                    ignored.stream()
                            .map(name -> WeightRule.renamed(name, Pattern.quote(prefix), Pattern.quote(other)))
                            .toList());
        }

        /** The same table, which leaves more tensors alone. */
        Table ignoring(List<String> more) {
            return new Table(
                    naming,
                    rules,
                    Stream.concat(ignored.stream(), more.stream()).toList());
        }

        /** This table, and the same for files whose names begin otherwise. */
        List<Table> alsoAs(String prefix, String... others) {
            return Stream.concat(Stream.of(this), Stream.of(others).map(other -> renamed(prefix, other)))
                    .toList();
        }
    }
}
