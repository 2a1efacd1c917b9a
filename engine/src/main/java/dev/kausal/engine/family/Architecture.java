package dev.kausal.engine.family;

import dev.kausal.engine.config.ModelConfig;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Maps a model family's checkpoint tensors to parameters.
 *
 * <p>The maths is one implementation for all families (package {@code forward}); a family is a table for it, and the
 * choices in its {@link ModelConfig}.
 *
 * @param name the family's name in specs and messages
 * @param tables one per naming of checkpoints, tried in order
 */
public record Architecture(String name, List<Table> tables) {
    /**
     * The tensors of one naming of checkpoints.
     *
     * @param naming the owner of the names
     * @param rules one per tensor and parameter, the embedding first; if a file has two tensors for one parameter, the
     *     later rule wins
     * @param ignored regular expressions of tensors without weights (masks, rotary tables)
     */
    public record Table(String naming, List<WeightRule> rules, List<String> ignored) {
        static final String HUGGING_FACE = "Hugging Face";
        static final String GGUF = "GGUF";

        public Table {
            rules = List.copyOf(rules);
            ignored = List.copyOf(ignored);
        }

        /** Returns the same tensors under the prefix {@code other} instead of {@code prefix}. */
        Table renamed(String prefix, String other) {
            return new Table(
                    naming,
                    rules.stream().map(rule -> rule.renamed(prefix, other)).toList(),
                    ignored.stream()
                            .map(name -> WeightRule.renamed(name, Pattern.quote(prefix), Pattern.quote(other)))
                            .toList());
        }

        /** Returns the same table with more ignored tensors. */
        Table ignoring(List<String> more) {
            return new Table(
                    naming,
                    rules,
                    Stream.concat(ignored.stream(), more.stream()).toList());
        }

        /** Returns this table and its variants for other prefixes. */
        List<Table> alsoAs(String prefix, String... others) {
            return Stream.concat(Stream.of(this), Stream.of(others).map(other -> renamed(prefix, other)))
                    .toList();
        }
    }
}
