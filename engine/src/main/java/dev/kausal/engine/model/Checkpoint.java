package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.Architecture;
import dev.kausal.engine.family.ConfigReader;
import dev.kausal.engine.family.Families;
import dev.kausal.engine.family.Transform;
import dev.kausal.engine.family.WeightRule;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.SafetensorsWriter;
import dev.kausal.engine.weights.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a model's checkpoint in Hugging Face's naming, and a model's weights as such tensors (its family's
 * table applied backwards), for building or training models here.
 *
 * @param config config of the model
 * @param slots tensors, the embedding first
 */
public record Checkpoint(ModelConfig config, List<Slot> slots) {
    /**
     * One tensor of a checkpoint.
     *
     * @param name name in the file
     * @param parameter the parameter it holds
     * @param transform conversion to the parameter
     * @param layer block, or -1 outside the blocks
     * @param shape shape in the file
     * @param need whether a model may lack it
     */
    public record Slot(
            String name, Parameter parameter, Transform transform, int layer, long[] shape, WeightRule.Need need) {}

    public Checkpoint {
        slots = List.copyOf(slots);
    }

    /**
     * Returns the checkpoint of a model with this config.json.
     *
     * @throws ConfigException if no supported family matches the config
     */
    public static Checkpoint of(String configJson) {
        Map<String, Object> values = new Gson().fromJson(configJson, new TypeToken<Map<String, Object>>() {}.getType());
        return of(ConfigReader.json(ConfigFields.library(Path.of("config.json"), values)));
    }

    /** Returns the checkpoint of a model with this config; without the tensor of a tied unembedding. */
    public static Checkpoint of(ModelConfig config) {
        Architecture.Table table = Families.architecture(config).tables().get(0);
        List<Slot> slots = new ArrayList<>();
        for (WeightRule rule : table.rules()) {
            boolean second = rule.need() == WeightRule.Need.OPTIONAL
                    && slots.stream().anyMatch(slot -> slot.parameter() == rule.parameter());
            if (second || (rule.parameter() == Parameter.UNEMBED && config.tiedUnembedding())) {
                continue;
            }
            int layers = rule.parameter().perLayer() ? config.layers() : 0;
            (layers == 0
                            ? IntStream.of(-1)
                            : IntStream.range(0, layers).filter(layer -> config.has(rule.parameter(), layer)))
                    .forEach(layer -> slots.add(slot(rule, layer, config)));
        }
        return new Checkpoint(config, slots);
    }

    private static Slot slot(WeightRule rule, int layer, ModelConfig config) {
        long[] shape = rule.transform().inFile(rule.parameter().shape(config), config).stream()
                .mapToLong(Long::longValue)
                .toArray();
        return new Slot(rule.name(layer), rule.parameter(), rule.transform(), layer, shape, rule.need());
    }

    /**
     * Returns a model's weights as tensors of its checkpoint.
     *
     * @throws IllegalArgumentException if the engine keeps some of them only merged with others (layer scales, gates
     *     fused with the ungated branch)
     */
    public static List<Tensor> tensors(HookedModel model) {
        Torch.inference();
        if (model.config().block().branchScale() != 1 || model.config().head().logitScale() != 1) {
            throw new IllegalArgumentException("The engine keeps the multipliers of a "
                    + model.config().family() + " model only merged with its weights, so they cannot be written.");
        }
        Map<Weights.Place, NDArray> parameters = model.weights().parameters();
        List<Tensor> tensors = new ArrayList<>();
        for (Slot slot : of(model.config()).slots()) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                NDArray array = parameter(slot, parameters, model.config());
                if (array == null) {
                    continue;
                }
                int heads = slot.parameter() == Parameter.KEY
                        ? model.config().keyValueHeads()
                        : model.config().heads();
                NDArray stored =
                        slot.transform().undo(array, heads, model.config().dHead());
                tensors.add(new Tensor(slot.name(), slot.shape(), stored.toFloatArray()));
            }
        }
        return tensors;
    }

    private static @Nullable NDArray parameter(Slot slot, Map<Weights.Place, NDArray> parameters, ModelConfig config) {
        NDArray own = parameters.get(new Weights.Place(slot.parameter(), slot.layer()));
        if (own != null) {
            return own;
        }
        long q = (long) config.heads() * config.dHead();
        long kv = (long) config.keyValueHeads() * config.dHead();
        NDArray qkv = parameters.get(new Weights.Place(Parameter.QKV, slot.layer()));
        NDArray bias = parameters.get(new Weights.Place(Parameter.QKV_BIAS, slot.layer()));
        return switch (slot.parameter()) {
            case QUERY -> columns(qkv, 0, q);
            case KEY -> columns(qkv, q, q + kv);
            case VALUE -> columns(qkv, q + kv, q + 2 * kv);
            case QUERY_BIAS -> bias == null ? absent(slot, config) : Slices.of(bias, 0, 0, q);
            case KEY_BIAS -> bias == null ? absent(slot, config) : Slices.of(bias, 0, q, q + kv);
            case VALUE_BIAS -> bias == null ? absent(slot, config) : Slices.of(bias, 0, q + kv, q + 2 * kv);
            default -> absent(slot, config);
        };
    }

    private static NDArray columns(@Nullable NDArray qkv, long from, long to) {
        return Slices.of(Present.of(qkv, "projection to queries, keys and values"), 1, from, to);
    }

    /** Returns null if the model was made without the tensor; throws otherwise. */
    private static @Nullable NDArray absent(Slot slot, ModelConfig config) {
        if (slot.need() == WeightRule.Need.OPTIONAL) {
            return null;
        }
        throw new IllegalArgumentException("The engine keeps " + slot.parameter() + " only merged with others, so "
                + slot.name() + " of a " + config.family() + " model cannot be written.");
    }

    /** Writes a model's weights to a safetensors file, completely or not at all. */
    public static void write(HookedModel model, Path file, SafetensorsWriter.Precision precision) throws IOException {
        SafetensorsWriter.write(file, tensors(model), precision);
    }
}
