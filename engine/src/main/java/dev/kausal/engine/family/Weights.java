package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Precision;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.weights.WeightStore;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A model's parameters, shaped as in {@link Parameter}; null if the model has none. Owner of their memory. */
public final class Weights implements AutoCloseable {
    private final Device device;
    private final Precision precision;
    private final NDManager manager;
    private final Map<Parameter, NDArray> ends;
    private final List<Map<Parameter, NDArray>> blocks;
    private final List<LayerWeights> layers;
    private final @Nullable NDArray unembed;
    private final @Nullable StreamedTables tables;
    private final Runnable release;

    /**
     * Takes ownership of parameters.
     *
     * @param device device of the arrays
     * @param manager owner of every array
     * @param ends parameters outside the blocks; without an unembedding, a language model's is tied to its embedding
     * @param blocks float32 parameters of each block; queries, keys and values are fused
     */
    public Weights(
            Device device,
            NDManager manager,
            Map<Parameter, NDArray> ends,
            List<Map<Parameter, NDArray>> blocks,
            boolean tied) {
        this(device, Precision.FLOAT32, manager, ends, blocks, tied);
    }

    /** Takes ownership of parameters, of which the {@link ProductWeights} are in {@code precision}. */
    Weights(
            Device device,
            Precision precision,
            NDManager manager,
            Map<Parameter, NDArray> ends,
            List<Map<Parameter, NDArray>> blocks,
            boolean tied) {
        this.device = device;
        this.precision = precision;
        this.manager = manager;
        this.ends = new EnumMap<>(ends);
        this.blocks = List.copyOf(blocks);
        this.layers =
                blocks.stream().map(block -> LayerWeights.of(block, precision)).toList();
        NDArray own = ends.get(Parameter.UNEMBED);
        this.unembed =
                own == null && tied ? Present.in(this.ends, Parameter.EMBED).transpose() : own;
        this.tables = null;
        this.release = () -> {};
    }

    /**
     * Takes ownership of a streamed model's parameters.
     *
     * @param ends parameters outside the blocks that are in memory
     * @param tables the embedding and unembedding
     * @param store file that the layers and tables come from
     */
    Weights(
            Device device,
            Precision precision,
            NDManager manager,
            Map<Parameter, NDArray> ends,
            StreamedLayers layers,
            StreamedTables tables,
            WeightStore store) {
        this(device, precision, manager, ends, layers, tables, () -> {
            layers.close();
            store.close();
        });
    }

    private Weights(
            Device device,
            Precision precision,
            NDManager manager,
            Map<Parameter, NDArray> ends,
            List<LayerWeights> layers,
            StreamedTables tables,
            Runnable release) {
        this.device = device;
        this.precision = precision;
        this.manager = manager;
        this.ends = new EnumMap<>(Parameter.class);
        this.ends.putAll(ends);
        this.blocks = List.of();
        this.layers = layers;
        this.unembed = ends.get(Parameter.UNEMBED);
        this.tables = tables;
        this.release = release;
    }

    /** Returns whether layers are decoded from their file as passes reach them. */
    public boolean streamed() {
        return tables != null;
    }

    /**
     * A parameter of a block.
     *
     * @param layer block, or -1 outside the blocks
     */
    public record Place(Parameter parameter, int layer) {
        @Override
        public String toString() {
            return (layer < 0 ? "" : "blocks." + layer + ".") + parameter;
        }
    }

    /** Returns the device of the arrays. */
    public Device device() {
        return device;
    }

    /** Returns the precision of products with weights. */
    public Precision precision() {
        return precision;
    }

    /** Returns the manager that owns every array. */
    public NDManager manager() {
        return manager;
    }

    /**
     * Returns a parameter outside the blocks.
     *
     * @throws IllegalStateException if the model has none
     */
    public NDArray get(Parameter parameter) {
        return Present.of(find(parameter), parameter + " in this model");
    }

    /** Returns a parameter outside the blocks; null if the model has none. */
    public @Nullable NDArray find(Parameter parameter) {
        NDArray here = parameter == Parameter.UNEMBED ? unembed : ends.get(parameter);
        return here == null && tables != null && tables.has(parameter) ? tables.table(parameter) : here;
    }

    /**
     * Returns rows of a table outside the blocks [row, width].
     *
     * @param local owner of the result, if it is not the open NDScope
     */
    public NDArray rows(Parameter table, int[] rows, NDManager local) {
        return tables != null && table == Parameter.EMBED
                ? Recording.nativeCopy(tables.embedded(rows, local))
                : Slices.gather(get(table), local.create(rows));
    }

    /**
     * Returns columns of W_U as rows [output, width].
     *
     * @param local owner of the result, if it is not the open NDScope
     */
    public NDArray unembedding(int[] outputs, NDManager local) {
        return tables != null && unembed == null
                ? Recording.nativeCopy(tables.unembedding(outputs, local))
                : Slices.gather(unembed().transpose(), local.create(outputs));
    }

    /** Returns the parameters of each block; those of a streamed model belong to the caller's open NDScope. */
    public List<LayerWeights> layers() {
        return layers;
    }

    /**
     * Returns every parameter once, as the layers' maths reads it: a tied unembedding counts as its embedding, queries,
     * keys and values are one, and a layer scale is part of the projection before it.
     *
     * @throws StreamedWeightsException if the model is streamed
     * @throws LowPrecisionException if it is in bfloat16
     */
    public Map<Place, NDArray> parameters() {
        requireResident("Reading or changing every parameter needs");
        requireFloat32("Reading or changing every parameter needs");
        Map<Place, NDArray> all = new LinkedHashMap<>();
        ends.forEach((parameter, array) -> all.put(new Place(parameter, -1), array));
        for (int layer = 0; layer < blocks.size(); layer++) {
            for (Map.Entry<Parameter, NDArray> entry : blocks.get(layer).entrySet()) {
                all.put(new Place(entry.getKey(), layer), entry.getValue());
            }
        }
        return Collections.unmodifiableMap(all);
    }

    /** Returns the same values under new handles that gradients are kept for; call and use it while recording. */
    public Weights leaves() {
        requireResident("Gradients of weights need");
        requireFloat32("Gradients of weights need");
        NDManager own = manager.newSubManager();
        List<Map<Parameter, NDArray>> leaves =
                blocks.stream().map(block -> WeightHandles.leaves(block, own)).toList();
        return new Weights(device, own, WeightHandles.leaves(ends, own), leaves, unembed != null);
    }

    /** Refuses a streamed model; {@code need} is what needs all weights in memory, with its verb. */
    public void requireResident(String need) {
        if (streamed()) {
            throw new StreamedWeightsException(need);
        }
    }

    private void requireFloat32(String need) {
        if (precision != Precision.FLOAT32) {
            throw new LowPrecisionException(need);
        }
    }

    /**
     * Returns the same model with the keys and values of each group repeated for its query heads. Other parameters share
     * this object's memory; the caller closes the result before this object.
     *
     * @param config choices of this model
     */
    public Weights ungrouped(ModelConfig config) {
        NDManager own = manager.newSubManager();
        BiFunction<Parameter, NDArray, NDArray> ungrouping = ProductWeights.changed(new Ungrouping(config), precision);
        if (tables != null && layers instanceof StreamedLayers streamed) {
            return new Weights(device, precision, own, ends, streamed.mapped(ungrouping), tables, () -> {});
        }
        List<Map<Parameter, NDArray>> repeated = WeightHandles.of(blocks, own, ungrouping);
        Map<Parameter, NDArray> shared = WeightHandles.of(ends, own, (parameter, array) -> array.stopGradient());
        return new Weights(device, precision, own, shared, repeated, unembed != null);
    }

    /**
     * Returns parameters of the same shapes whose numbers are drawn from normal distributions, each with the mean and the
     * deviation of the numbers of its parameter: nothing is left of what was learned but the scale. The caller closes the result
     * before this object.
     */
    public Weights random(long seed) {
        requireResident("A control with random weights needs");
        NDManager own = manager.newSubManager();
        RandomNumbers numbers = new RandomNumbers(seed);
        BiFunction<Parameter, NDArray, NDArray> like = (parameter, array) -> numbers.like(array);
        List<Map<Parameter, NDArray>> drawn = WeightHandles.of(blocks, own, ProductWeights.changed(like, precision));
        Map<Parameter, NDArray> outside = WeightHandles.of(ends, own, like);
        return new Weights(device, precision, own, outside, drawn, unembed != null);
    }

    /** Returns W_E. */
    public NDArray embed() {
        return get(Parameter.EMBED);
    }

    /** Returns W_pos of a model with learned positions. */
    public NDArray positionEmbed() {
        return get(Parameter.POSITION_EMBED);
    }

    /** Returns the gain of the last norm. */
    public NDArray finalGain() {
        return get(Parameter.FINAL_GAIN);
    }

    /** Returns the bias of the final norm, or null. */
    public @Nullable NDArray finalBias() {
        return find(Parameter.FINAL_BIAS);
    }

    /** Returns W_U, or the classifier's weight; a view of {@link #embed()} if tied. */
    public NDArray unembed() {
        return get(Parameter.UNEMBED);
    }

    /** Returns b_U, or null. */
    public @Nullable NDArray unembedBias() {
        return find(Parameter.UNEMBED_BIAS);
    }

    @Override
    public void close() {
        release.run();
        manager.close();
    }
}
