package dev.kausal.engine.model;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The tensors that a model's checkpoint has in Hugging Face's naming: the table of its family read backwards. What a
 * checkpoint is made with when a model is built here.
 *
 * @param config of the model
 * @param slots its tensors, the embedding first
 */
public record Checkpoint(ModelConfig config, List<Slot> slots) {
    /**
     * One tensor.
     *
     * @param name in the file
     * @param parameter what it is
     * @param transform how it becomes that
     * @param layer block, or -1 outside the blocks
     * @param shape in the file
     */
    public record Slot(String name, Parameter parameter, Transform transform, int layer, long[] shape) {}

    public Checkpoint {
        slots = List.copyOf(slots);
    }

    /**
     * The checkpoint of a model with this config.json.
     *
     * @throws ConfigException where the config is not one of a family that the engine computes
     */
    public static Checkpoint of(String configJson) {
        Map<String, Object> values = new Gson().fromJson(configJson, new TypeToken<Map<String, Object>>() {}.getType());
        return of(ConfigReader.json(new ConfigFields(Path.of("config.json"), values)));
    }

    /** The checkpoint of a model with this config; without the optional tensor of a tied unembedding. */
    public static Checkpoint of(ModelConfig config) {
        Architecture.Table table = Families.architecture(config).tables().get(0);
        List<Slot> slots = new ArrayList<>();
        for (WeightRule rule : table.rules()) {
            if (rule.parameter() == Parameter.UNEMBED && config.tiedUnembedding()) {
                continue;
            }
            int layers = rule.parameter().perLayer() ? config.layers() : 0;
            (layers == 0 ? IntStream.of(-1) : IntStream.range(0, layers))
                    .forEach(layer -> slots.add(slot(rule, layer, config)));
        }
        return new Checkpoint(config, slots);
    }

    private static Slot slot(WeightRule rule, int layer, ModelConfig config) {
        long[] shape = rule.transform().inFile(rule.parameter().shape(config), config).stream()
                .mapToLong(Long::longValue)
                .toArray();
        return new Slot(rule.name(layer), rule.parameter(), rule.transform(), layer, shape);
    }
}
