package dev.kausal.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kausal.engine.certify.Reference;
import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.SafetensorsWriter;
import dev.kausal.engine.weights.SafetensorsWriter.Precision;
import dev.kausal.engine.weights.SafetensorsWriter.Tensor;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One case of bench/make_matrix.py: a tiny model with other config fields or tensors, and what the library made of it. */
record MatrixCase(String model, JsonObject fields) {
    /** What opening and running it here came to. */
    sealed interface Outcome {
        /** The library's numbers. */
        record Equal() implements Outcome {}

        /** Other numbers, by so much, relative to the larger of 1 and the library's. */
        record Differs(double by) implements Outcome {}

        /** Not opened, for a reason. */
        record Refused(String message) implements Outcome {}
    }

    private static final double TOLERANCE = 5e-5;
    private static final Gson WITH_NULLS = new GsonBuilder().serializeNulls().create();

    String name() {
        return fields.get("case").getAsString();
    }

    /** What the library did: {@code computes}, {@code cannot}, {@code invents weights}. */
    String library() {
        return fields.get("library").getAsString();
    }

    /** The field that the case is about; empty where it is about the file. */
    String field() {
        return fields.has("field") ? fields.get("field").getAsString() : "";
    }

    String modelType() throws IOException {
        return config().get("model_type").getAsString();
    }

    static List<MatrixCase> of(Path file) throws IOException {
        JsonObject matrix = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        List<MatrixCase> cases = new ArrayList<>();
        String model = matrix.get("model").getAsString();
        matrix.getAsJsonArray("cases").forEach(one -> cases.add(new MatrixCase(model, one.getAsJsonObject())));
        return cases;
    }

    /** Writes the case's folder to {@code folder}, opens it and runs the first prompt of the tiny model's reference. */
    Outcome run(Path folder) throws IOException {
        write(folder);
        try (HookedModel opened = HookedModel.open(folder);
                NDManager manager = Torch.manager()) {
            Reference.Prompt prompt = TinyModels.reference(model).prompts().get(0);
            NDArray outputs =
                    opened.outputs(List.of(prompt.input(opened.config())), new Hooks(opened.points()), manager);
            return compare(outputs.toFloatArray());
        } catch (KausalException e) {
            return new Outcome.Refused(e.getMessage());
        }
    }

    /** What a file of the same model, with this case's config as metadata, comes to. */
    Outcome run(HookedModel opened) {
        try (NDManager manager = Torch.manager()) {
            Reference.Prompt prompt = TinyModels.reference(model).prompts().get(0);
            Hooks none = new Hooks(opened.points());
            return compare(opened.outputs(List.of(prompt.input(opened.config())), none, manager)
                    .toFloatArray());
        }
    }

    private Outcome compare(float[] found) {
        if (!fields.has("numbers")) {
            return new Outcome.Differs(Double.NaN);
        }
        List<JsonElement> numbers = fields.getAsJsonArray("numbers").asList();
        double largest = 0;
        double size = 1;
        for (int i = 0; i < numbers.size(); i++) {
            long place = Math.round(Math.rint((double) i * (found.length - 1) / (numbers.size() - 1)));
            double expected = numbers.get(i).getAsDouble();
            largest = Math.max(largest, Math.abs(found[(int) place] - expected));
            size = Math.max(size, Math.abs(expected));
        }
        return largest / size <= TOLERANCE ? new Outcome.Equal() : new Outcome.Differs(largest / size);
    }

    private JsonObject config() throws IOException {
        return JsonParser.parseString(Files.readString(TinyModels.folder(model).resolve("config.json")))
                .getAsJsonObject();
    }

    private void write(Path folder) throws IOException {
        Path tiny = TinyModels.folder(model);
        JsonObject config = config();
        if (fields.has("remove")) {
            fields.getAsJsonArray("remove").forEach(path -> config.remove(path.getAsString()));
        }
        if (fields.has("set")) {
            fields.getAsJsonObject("set").entrySet().forEach(entry -> config.add(entry.getKey(), entry.getValue()));
        }
        Files.writeString(folder.resolve("config.json"), WITH_NULLS.toJson(config));
        Path weights = folder.resolve("model.safetensors");
        if (fields.has("tensors")) {
            writeTensors(tiny.resolve("model.safetensors"), weights);
        } else {
            Files.copy(tiny.resolve("model.safetensors"), weights);
        }
    }

    private void writeTensors(Path from, Path to) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (WeightStore store = WeightStores.open(from);
                NDManager manager = Torch.manager()) {
            store.tensors()
                    .forEach((name, info) -> tensors.put(
                            name,
                            tensor(name, info.shape(), store.read(name, manager).toFloatArray())));
        }
        Precision precision = Precision.F32;
        for (JsonElement element : fields.getAsJsonArray("tensors")) {
            JsonObject edit = element.getAsJsonObject();
            precision = edit.get("edit").getAsString().equals("half") ? Precision.F16 : precision;
            edit(tensors, edit);
        }
        SafetensorsWriter.write(to, List.copyOf(tensors.values()), precision);
    }

    private static void edit(Map<String, Tensor> tensors, JsonObject edit) {
        switch (edit.get("edit").getAsString()) {
            case "add" -> add(tensors, edit);
            case "copy" -> {
                Tensor original = tensors.get(edit.get("from").getAsString());
                String name = edit.get("to").getAsString();
                tensors.put(name, new Tensor(name, original.shape(), original.values()));
            }
            case "drop" ->
                tensors.keySet().removeIf(name -> name.matches(edit.get("match").getAsString()));
            case "rename" ->
                rename(tensors, edit.get("from").getAsString(), edit.get("to").getAsString());
            case "half" -> {}
            default -> throw new IllegalArgumentException(edit.toString());
        }
    }

    private static void add(Map<String, Tensor> tensors, JsonObject edit) {
        String name = edit.get("name").getAsString();
        List<Long> shape = edit.getAsJsonArray("shape").asList().stream()
                .map(JsonElement::getAsLong)
                .toList();
        float[] wave = new float[(int) shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < wave.length; i++) {
            wave[i] = (float) (0.5 * Math.sin(i * 0.37 + edit.get("phase").getAsDouble()));
        }
        tensors.put(name, tensor(name, shape, wave));
    }

    private static void rename(Map<String, Tensor> tensors, String from, String to) {
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            String now = name.startsWith(from) ? to + name.substring(from.length()) : name;
            renamed.put(now, new Tensor(now, tensor.shape(), tensor.values()));
        });
        tensors.clear();
        tensors.putAll(renamed);
    }

    private static Tensor tensor(String name, List<Long> shape, float[] values) {
        return new Tensor(name, shape.stream().mapToLong(Long::longValue).toArray(), values);
    }
}
