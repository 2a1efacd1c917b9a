package dev.kausal.engine.certify;

import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values that a reference library computed for a model, as written by bench/dump_reference.py and
 * bench/make_tiny_models.py: numbers in a safetensors file, as {@code PROMPT/NAME}; the inputs as JSON, in the file's
 * own metadata under {@code reference} or in a {@code .json} file of the same name. See bench/README.md.
 *
 * @param file file it was read from
 * @param library library that computed it, such as {@code transformers}
 * @param versions versions by package
 * @param model Kausal's name of the model (a catalog id), if recorded
 * @param prompts one per run
 */
public record Reference(
        Path file, String library, Map<String, String> versions, Optional<String> model, List<Prompt> prompts) {
    private static final String METADATA = "reference";

    public Reference {
        versions = Map.copyOf(versions);
        prompts = List.copyOf(prompts);
    }

    /**
     * One run of the reference.
     *
     * @param ids token ids; null for an image
     * @param types token types, or null
     * @param grid rows and columns of an image's patches, or null
     * @param read positions whose outputs are kept; null for all
     * @param inputs inputs other than token ids, by name: {@code pixel_values} [channel, row, column]
     * @param outputs by name, such as {@code logits} [position, vocabulary] or [classes]
     * @param points hook points by name, without the batch axis
     */
    public record Prompt(
            int @Nullable [] ids,
            int @Nullable [] types,
            int @Nullable [] grid,
            int @Nullable [] read,
            Map<String, float[]> inputs,
            Map<String, float[]> outputs,
            Map<String, float[]> points) {
        /** Returns the model's input for this run. */
        public Input input(ModelConfig config) {
            if (config.readsImages()) {
                PatchConfig shape = config.embedding().image().orElseThrow();
                int[] patches = Present.of(grid, "grid of patches");
                return config.image(
                        Present.in(inputs, "pixel_values"),
                        patches[0] * shape.patchRows(),
                        patches[1] * shape.patchColumns());
            }
            int[] tokens = Present.of(ids, "token ids of this prompt");
            return types == null ? Input.tokens(tokens) : Input.tokens(tokens, types);
        }

        /** Returns the output that the model's own is compared with; null if the reference kept none. */
        public float @Nullable [] output() {
            return outputs.get(outputName());
        }

        /**
         * Returns the name of that output: {@code logits}, {@code image_embeds} of an embedding, {@code
         * last_hidden_state} of a model without a head.
         */
        public String outputName() {
            return List.of("logits", "image_embeds").stream()
                    .filter(outputs::containsKey)
                    .findFirst()
                    .orElse("last_hidden_state");
        }
    }

    private record Index(
            int schema,
            String library,
            @SerializedName("ref") @Nullable String model,
            Map<String, String> versions,
            List<Entry> prompts) {}

    private record Entry(
            int @Nullable [] ids,
            @SerializedName("token_types") int @Nullable [] types,
            int @Nullable [] grid,
            int @Nullable [] read,
            List<String> inputs,
            List<String> outputs,
            Map<String, String> same) {}

    /**
     * Reads a whole dump.
     *
     * @throws ReferenceUnusable if the file is not a dump
     */
    public static Reference read(Path file) {
        Index index = index(file);
        Map<String, String> versions = new TreeMap<>();
        index.versions().forEach((name, version) -> versions.put(name, String.valueOf(version)));
        try (WeightStore store = WeightStores.open(file);
                NDManager manager = Torch.manager()) {
            List<Prompt> prompts = new ArrayList<>();
            for (Entry entry : index.prompts()) {
                prompts.add(prompt(file, entry, values(prompts.size() + "/", store, manager)));
            }
            return new Reference(file, index.library(), versions, Optional.ofNullable(index.model()), prompts);
        }
    }

    private static Index index(Path file) {
        String text = WeightStores.notes(file).get(METADATA);
        try {
            Path beside = file.resolveSibling(file.getFileName().toString().replaceFirst("\\.[^.]*$", "") + ".json");
            if (text == null && Files.exists(beside)) {
                text = Files.readString(beside);
            }
            Index index = text == null ? null : new Gson().fromJson(text, Index.class);
            if (index != null && index.schema() == 1 && index.library() != null && index.prompts() != null) {
                return index;
            }
        } catch (IOException | JsonParseException e) {
            throw new ReferenceUnusable(file, "JSON that describes the runs", String.valueOf(e.getMessage()));
        }
        String found = text == null ? "none" : "'" + text.substring(0, Math.min(60, text.length())) + "'";
        throw new ReferenceUnusable(
                file, "JSON of schema 1 with library and prompts, in the metadata or a .json file beside it", found);
    }

    private static Map<String, float[]> values(String prefix, WeightStore store, NDManager manager) {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (String name : store.tensors().keySet()) {
            if (name.startsWith(prefix)) {
                values.put(
                        name.substring(prefix.length()),
                        store.read(name, manager).toFloatArray());
            }
        }
        return values;
    }

    private static Prompt prompt(Path file, Entry entry, Map<String, float[]> values) {
        entry.same().forEach((name, other) -> values.put(name, Present.in(values, other)));
        Map<String, float[]> inputs = taken(file, entry.inputs(), values);
        Map<String, float[]> outputs = taken(file, entry.outputs(), values);
        return new Prompt(
                entry.ids(), entry.types(), entry.grid(), entry.read(), inputs, outputs, new TreeMap<>(values));
    }

    private static Map<String, float[]> taken(Path file, List<String> names, Map<String, float[]> values) {
        Map<String, float[]> taken = new TreeMap<>();
        for (String name : names) {
            float[] value = values.remove(name);
            if (value == null) {
                throw new ReferenceUnusable(file, "a tensor '" + name + "', which its JSON names", "none");
            }
            taken.put(name, value);
        }
        return taken;
    }
}
