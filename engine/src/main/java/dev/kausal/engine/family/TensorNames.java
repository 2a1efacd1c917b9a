package dev.kausal.engine.family;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.StatedParameters;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.weights.WeightStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A checkpoint's tensor names, checked against an architecture's table and the config.
 *
 * @param where file or folder, for messages
 * @param stated optional parameters that the config states or denies
 * @param table the naming that the checkpoint follows
 */
record TensorNames(
        Path where,
        WeightStore store,
        Architecture architecture,
        ModelConfig config,
        StatedParameters stated,
        Architecture.Table table) {
    /**
     * Checks that the file has every tensor that the model needs, and none that it does not read.
     *
     * @throws WeightMismatchException with the names, or with the field that states or denies a tensor
     */
    void check() {
        Set<String> extra = new LinkedHashSet<>(store.tensors().keySet());
        List<String> missing = new ArrayList<>();
        List<WeightMismatchException> lacking = new ArrayList<>();
        for (WeightRule rule : table.rules()) {
            for (int layer : rule.parameter().perLayer() ? layerRange() : new int[] {-1}) {
                if (!config.has(rule.parameter(), layer)) {
                    continue;
                }
                boolean there = extra.remove(rule.name(layer));
                if (there) {
                    checkDenied(rule, layer);
                } else if (!replaced(rule, layer)) {
                    if (needed(rule)) {
                        missing.add(rule.name(layer));
                    } else {
                        lacking(rule, layer).ifPresent(lacking::add);
                    }
                }
            }
        }
        // Tensors without elements, such as for zero registers, have no effect.
        extra.removeIf(name -> Present.in(store.tensors(), name).shape().contains(0L));
        extra.removeIf(name -> table.ignored().stream().anyMatch(name::matches));
        checkMissing(missing, lacking, List.copyOf(extra));
    }

    private void checkMissing(List<String> missing, List<WeightMismatchException> lacking, List<String> extra) {
        if (!missing.isEmpty() && unembedding().containsAll(missing) && !config.tiedUnembedding()) {
            throw WeightMismatchException.untied(where, missing.get(0));
        }
        if (missing.isEmpty() && !lacking.isEmpty()) {
            throw lacking.get(0);
        }
        if (!missing.isEmpty() || !extra.isEmpty()) {
            throw WeightMismatchException.names(where, architecture.name(), missing, extra);
        }
    }

    private void checkDenied(WeightRule rule, int layer) {
        stated.lacks(rule.parameter()).ifPresent(field -> {
            throw WeightMismatchException.denied(where, architecture.name(), rule.name(layer), field);
        });
    }

    /** Returns why an absent optional tensor should exist: the config states it, or other layers have it. */
    private Optional<WeightMismatchException> lacking(WeightRule rule, int layer) {
        String name = rule.name(layer);
        Optional<String> field = stated.has(rule.parameter());
        if (field.isPresent()) {
            return Optional.of(WeightMismatchException.lacking(where, architecture.name(), name, field.get()));
        }
        boolean elsewhere = layer >= 0
                && Arrays.stream(layerRange()).anyMatch(other -> store.tensors().containsKey(rule.name(other)));
        return elsewhere ? Optional.of(WeightMismatchException.lackingHere(where, name)) : Optional.empty();
    }

    /** Returns the tensors that a head tied to the embedding does not need. */
    private Set<String> unembedding() {
        return config.head().hasVocabulary()
                ? table.rules().stream()
                        .filter(rule -> rule.parameter() == Parameter.UNEMBED
                                || (rule.parameter() == Parameter.UNEMBED_BIAS
                                        && config.head().ownBias()))
                        .map(WeightRule::name)
                        .collect(Collectors.toSet())
                : Set.of();
    }

    private boolean needed(WeightRule rule) {
        return rule.need() == WeightRule.Need.REQUIRED
                || (rule.parameter() == Parameter.UNEMBED && !config.tiedUnembedding());
    }

    /** Returns whether the file has another tensor for the same parameter. */
    private boolean replaced(WeightRule rule, int layer) {
        return table.rules().stream()
                .anyMatch(other ->
                        other.parameter() == rule.parameter() && store.tensors().containsKey(other.name(layer)));
    }

    private int[] layerRange() {
        return IntStream.range(0, config.layers()).toArray();
    }
}
