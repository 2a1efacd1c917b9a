package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.weights.TensorInfo;
import dev.kausal.engine.weights.WeightStore;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads parameters from a checkpoint by one table of its architecture; merging them is {@link Merges}'s. */
final class ParameterReader {
    private final Path where;
    private final WeightStore store;
    private final Architecture.Table table;
    private final ModelConfig config;

    ParameterReader(Path where, WeightStore store, Architecture.Table table, ModelConfig config) {
        this.where = where;
        this.store = store;
        this.table = table;
        this.config = config;
    }

    /** Checks the shapes and number formats of all tensors that the model reads. */
    void check() {
        for (WeightRule rule : table.rules()) {
            int from = rule.parameter().perLayer() ? 0 : -1;
            int to = rule.parameter().perLayer() ? config.layers() : 0;
            for (int layer = from; layer < to; layer++) {
                if (stored(rule, layer)) {
                    checkShape(rule, Present.in(store.tensors(), rule.name(layer)));
                    store.check(rule.name(layer));
                }
            }
        }
    }

    /**
     * Reads the parameters of a block that the model has, or those outside the blocks for layer −1.
     *
     * @param owner owner of the arrays
     */
    Map<Parameter, NDArray> read(int layer, Predicate<Parameter> which, NDManager owner) {
        return read(layer, which, Transform::apply, owner);
    }

    /** Reads the parameters of a block for passes of many rows, to be let go soon: as views of what is in the file. */
    Map<Parameter, NDArray> views(int layer, NDManager owner) {
        return read(layer, parameter -> true, Transform::view, owner);
    }

    /** Makes a parameter of a tensor. */
    @FunctionalInterface
    private interface Transformation {
        NDArray of(Transform transform, NDArray raw, int heads, int dHead);
    }

    private Map<Parameter, NDArray> read(
            int layer, Predicate<Parameter> which, Transformation transformation, NDManager owner) {
        Map<Parameter, NDArray> found = new EnumMap<>(Parameter.class);
        for (WeightRule rule : table.rules()) {
            if (rule.parameter().perLayer() == (layer >= 0) && which.test(rule.parameter()) && stored(rule, layer)) {
                NDArray earlier = found.put(rule.parameter(), read(rule, rule.name(layer), transformation, owner));
                if (earlier != null) {
                    earlier.close();
                }
            }
        }
        return found;
    }

    /** Returns whether the checkpoint has a parameter outside the blocks. */
    boolean has(Parameter parameter) {
        return table.rules().stream().anyMatch(rule -> rule.parameter() == parameter && stored(rule, -1));
    }

    /** Returns the name of a table whose rows are contiguous in the file; empty if the model has none there. */
    Optional<String> rowsOf(Parameter parameter, Transform transform) {
        return table.rules().stream()
                .filter(rule -> rule.parameter() == parameter && rule.transform() == transform && stored(rule, -1))
                .map(WeightRule::name)
                .reduce((first, second) -> second);
    }

    private boolean stored(WeightRule rule, int layer) {
        return config.has(rule.parameter(), layer) && store.tensors().containsKey(rule.name(layer));
    }

    private NDArray read(WeightRule rule, String name, Transformation transformation, NDManager owner) {
        int heads = rule.parameter() == Parameter.KEY ? config.keyValueHeads() : config.heads();
        NDArray raw = store.read(name, owner);
        NDArray ready = transformation.of(rule.transform(), raw, heads, config.dHead());
        if (ready != raw) {
            raw.close();
        }
        return ready;
    }

    private void checkShape(WeightRule rule, TensorInfo info) {
        List<Long> inFile = rule.transform().inFile(rule.parameter().shape(config), config);
        if (!inFile.equals(info.shape())) {
            throw new WeightMismatchException("Tensor '" + info.name() + "' in " + where + " has shape " + info.shape()
                    + ", but the config implies " + inFile
                    + ". Config and weights do not match: fetch both from one source.");
        }
    }
}
