package dev.kausal.engine;

import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import dev.kausal.engine.certify.Reference;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * PyTorch's gradients of a number, as bench/make_tiny_gradients.py wrote them; see bench/README.md.
 *
 * @param value the number
 * @param prompt what was run; its points are the gradients at them
 */
record GradientDump(double value, Reference.Prompt prompt) {
    private record Entry(
            double value,
            int[] ids,
            @SerializedName("token_types") int[] types,
            int[] grid,
            List<String> inputs,
            Map<String, String> same) {}

    static GradientDump read(Path model) throws IOException {
        Entry entry = new Gson().fromJson(Files.readString(model.resolve("gradients.json")), Entry.class);
        Map<String, float[]> points = new TreeMap<>();
        try (WeightStore store = WeightStores.open(model.resolve("gradients.safetensors"));
                NDManager manager = Torch.manager()) {
            for (String name : store.tensors().keySet()) {
                points.put(name, store.read(name, manager).toFloatArray());
            }
        }
        entry.same().forEach((name, other) -> points.put(name, points.get(other)));
        Map<String, float[]> inputs = new TreeMap<>();
        entry.inputs().forEach(name -> inputs.put(name, points.remove(name)));
        var prompt = new Reference.Prompt(entry.ids(), entry.types(), entry.grid(), null, inputs, Map.of(), points);
        return new GradientDump(entry.value(), prompt);
    }
}
