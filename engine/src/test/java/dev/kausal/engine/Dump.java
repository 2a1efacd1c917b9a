package dev.kausal.engine;

import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import dev.kausal.engine.model.ImageShape;
import dev.kausal.engine.model.Input;
import dev.kausal.engine.model.ModelConfig;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the reference computes for a tiny model, as bench/make_tiny_models.py wrote it; see bench/README.md. */
record Dump(List<Prompt> prompts) {
    /**
     * One run of the reference.
     *
     * @param ids token ids
     * @param types token types, or null
     * @param grid rows and columns of patches of an image, or null
     * @param outputs the model's inputs that are no token ids, and its outputs, by name, such as {@code logits}
     * @param points every hook point by name, without the batch axis
     */
    record Prompt(int[] ids, int[] types, int[] grid, Map<String, float[]> outputs, Map<String, float[]> points) {}

    /**
     * The reference's gradients of a number, as bench/make_tiny_gradients.py wrote them.
     *
     * @param value the number
     * @param prompt what was run; its points are the gradients at them
     */
    record Gradients(double value, Prompt prompt) {}

    private record Index(List<Entry> prompts) {}

    private record Value(double value) {}

    private record Entry(
            int[] ids,
            int[] token_types,
            int[] grid,
            List<String> inputs,
            List<String> outputs,
            Map<String, String> same) {}

    /** The prompt as the model reads it. */
    static Input input(ModelConfig config, Prompt prompt) {
        if (config.readsImages()) {
            ImageShape shape = config.ends().image().orElseThrow();
            int rows = prompt.grid()[0] * shape.patchRows();
            int columns = prompt.grid()[1] * shape.patchColumns();
            return config.image(prompt.outputs().get("pixel_values"), rows, columns);
        }
        return prompt.types() == null ? Input.tokens(prompt.ids()) : Input.tokens(prompt.ids(), prompt.types());
    }

    static Dump read(Path model) throws IOException {
        Index index = new Gson().fromJson(Files.readString(model.resolve("dump.json")), Index.class);
        try (WeightStore store = WeightStores.open(model.resolve("dump.safetensors"));
                NDManager manager = Torch.manager()) {
            List<Prompt> prompts = new java.util.ArrayList<>();
            for (Entry entry : index.prompts()) {
                prompts.add(prompt(entry, values(prompts.size() + "/", store, manager)));
            }
            return new Dump(prompts);
        }
    }

    static Gradients gradients(Path model) throws IOException {
        String json = Files.readString(model.resolve("gradients.json"));
        try (WeightStore store = WeightStores.open(model.resolve("gradients.safetensors"));
                NDManager manager = Torch.manager()) {
            Entry entry = new Gson().fromJson(json, Entry.class);
            double value = new Gson().fromJson(json, Value.class).value();
            return new Gradients(value, prompt(entry, values("", store, manager)));
        }
    }

    private static Map<String, float[]> values(String prefix, WeightStore store, NDManager manager) {
        Map<String, float[]> values = new TreeMap<>();
        for (String name : store.tensors().keySet()) {
            if (name.startsWith(prefix)) {
                values.put(
                        name.substring(prefix.length()),
                        store.read(name, manager).toFloatArray());
            }
        }
        return values;
    }

    private static Prompt prompt(Entry entry, Map<String, float[]> values) {
        entry.same().forEach((name, other) -> values.put(name, values.get(other)));
        Map<String, float[]> outputs = new TreeMap<>();
        entry.inputs().forEach(name -> outputs.put(name, values.remove(name)));
        if (entry.outputs() != null) {
            entry.outputs().forEach(name -> outputs.put(name, values.remove(name)));
        }
        return new Prompt(entry.ids(), entry.token_types(), entry.grid(), outputs, values);
    }
}
