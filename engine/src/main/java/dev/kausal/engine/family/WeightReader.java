package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.StatedParameters;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Precision;
import dev.kausal.engine.weights.WeightStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a checkpoint's tensors into {@link Weights} by its architecture's table, checking names and shapes first. */
public final class WeightReader {
    private final Path where;
    private final WeightStore store;
    private final Architecture architecture;
    private final ModelConfig config;
    private final StatedParameters stated;
    private final Device device;
    private final NDManager manager;
    private final Architecture.Table table;
    private final ParameterReader reader;

    public WeightReader(
            Path where,
            WeightStore store,
            Architecture architecture,
            ModelConfig config,
            StatedParameters stated,
            Device device,
            NDManager manager) {
        this.stated = stated;
        this.where = where;
        this.store = store;
        this.architecture = architecture;
        this.config = config;
        this.device = device;
        this.manager = manager;
        this.table = table();
        this.reader = new ParameterReader(where, store, table, config);
    }

    /** Returns the best-fitting naming; missing names are reported later. */
    private Architecture.Table table() {
        return architecture.tables().stream()
                .min(Comparator.comparingLong(this::missing))
                .orElseThrow();
    }

    private long missing(Architecture.Table candidate) {
        return candidate.rules().stream()
                .filter(rule -> rule.need() == WeightRule.Need.REQUIRED)
                .filter(rule -> !store.tensors().containsKey(rule.name(0)))
                .count();
    }

    /**
     * Reads all weights.
     *
     * @param precision of products with weights
     */
    public Weights read(Precision precision) {
        check();
        Map<Parameter, NDArray> ends = reader.read(-1, parameter -> true, manager);
        NDArray sharedBias = ends.remove(Parameter.SHARED_RELATIVE_BIAS);
        List<Map<Parameter, NDArray>> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(ProductWeights.stored(
                    block(reader.read(layer, parameter -> true, manager), sharedBias, manager), precision));
        }
        if (sharedBias != null) {
            sharedBias.close();
        }
        new Merges(config, manager).ends(ends);
        return new Weights(device, precision, manager, ends, blocks, config.tiedUnembedding());
    }

    /**
     * Reads what lies outside the blocks, except for the embedding and unembedding of a vocabulary. The result owns the
     * store and reads everything else from it as passes need it.
     *
     * @param held number of first layers that stay in memory once they are decoded
     * @param precision of products with weights
     */
    public Weights stream(int held, Precision precision) {
        check();
        boolean vocabulary = config.head().hasVocabulary();
        Map<Parameter, NDArray> ends = reader.read(
                -1,
                parameter -> !StreamedTables.contains(parameter) || (parameter != Parameter.EMBED && !vocabulary),
                manager);
        NDArray sharedBias = ends.remove(Parameter.SHARED_RELATIVE_BIAS);
        Merges merges = new Merges(config, manager);
        merges.ends(ends);
        StreamedTables tables = new StreamedTables(reader, store, merges);
        StreamedLayers layers = new StreamedLayers(
                device,
                precision,
                manager,
                config.layers(),
                held,
                (layer, owner) ->
                        ProductWeights.stored(block(reader.views(layer, owner), sharedBias, owner), precision));
        return new Weights(device, precision, manager, ends, layers, tables, store);
    }

    private void check() {
        new TensorNames(where, store, architecture, config, stated, table).check();
        reader.check();
    }

    private Map<Parameter, NDArray> block(Map<Parameter, NDArray> read, @Nullable NDArray sharedBias, NDManager owner) {
        Merges merges = new Merges(config, owner);
        Map<Parameter, NDArray> block = merges.block(read);
        if (sharedBias != null) {
            merges.addBias(block, sharedBias);
        }
        return block;
    }
}
