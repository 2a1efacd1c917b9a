package dev.kausal.engine.model;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.ClassNames;
import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.Preprocessing;
import dev.kausal.engine.config.PreprocessingReader;
import dev.kausal.engine.config.StatedParameters;
import dev.kausal.engine.family.Architecture;
import dev.kausal.engine.family.ConfigReader;
import dev.kausal.engine.family.Families;
import dev.kausal.engine.family.Placement;
import dev.kausal.engine.family.WeightReader;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.tensor.Allocator;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Precision;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tokens.ChatTemplate;
import dev.kausal.engine.tokens.Tokenizer;
import dev.kausal.engine.tokens.Tokenizers;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint whose config is read and checked, but whose weights are not: enough to check a script.
 *
 * <p>Not a model: {@link #load()} makes one, which then owns the tokenizer.
 */
public final class ModelSource implements AutoCloseable {
    private final Device device;
    private final Path opened;
    private final Path path;
    private final WeightStore store;
    private final ModelConfig config;
    private final StatedParameters stated;
    private final List<Integer> endTokens;
    private @Nullable Tokenizer tokenizer;
    private boolean storeOwned = true;

    private ModelSource(
            Device device,
            Path opened,
            Path path,
            WeightStore store,
            ModelConfig config,
            StatedParameters stated,
            List<Integer> endTokens,
            @Nullable Tokenizer tokenizer) {
        this.device = device;
        this.opened = opened;
        this.path = path;
        this.store = store;
        this.config = config;
        this.stated = stated;
        this.endTokens = endTokens;
        this.tokenizer = tokenizer;
    }

    /**
     * Opens a folder in Hugging Face's layout, a PEFT folder whose LoRA adapter is merged, or a GGUF file; reads
     * config, tokenizer and the weights' headers.
     *
     * @throws dev.kausal.engine.errors.KausalException if any of them cannot be used
     */
    public static ModelSource open(Path path) {
        return open(path, Device.CPU);
    }

    /** Opens a model that will run on a device; see {@link #open(Path)}. */
    public static ModelSource open(Path path, Device device) {
        Torch.inference();
        if (!Files.isDirectory(path) || WeightStores.onlyGguf(path)) {
            return gguf(path, device);
        }
        Optional<LoraFolder> adapter = LoraFolder.at(path);
        return huggingFace(path, adapter.map(LoraFolder::base).orElse(path), adapter, device);
    }

    /** Opens {@code folder}, which holds the config and the weights that the adapter changes. */
    private static ModelSource huggingFace(Path path, Path folder, Optional<LoraFolder> adapter, Device device) {
        // Config first: an unsupported family is reported whatever the weights look like.
        ConfigFields fields = ModelJson.read(folder, "config.json");
        ModelConfig config = ConfigReader.json(fields);
        WeightStore store = WeightStores.open(folder);
        if (adapter.isPresent()) {
            store = adapter.get().over(store, fields.text("model_type").orElse(""));
        }
        try {
            Path own = Files.exists(path.resolve("tokenizer.json")) ? path : folder;
            Tokenizer tokenizer = Files.exists(own.resolve("tokenizer.json")) ? Tokenizers.open(own) : null;
            ModelConfig fitted =
                    Families.fitted(untied(config, store), store.tensors().keySet());
            List<Integer> ends = EndTokens.ofFolder(folder, fields);
            return new ModelSource(device, path, folder, store, fitted, fields.stated(), ends, tokenizer);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static ModelSource gguf(Path path, Device device) {
        WeightStore store = WeightStores.open(path);
        try {
            if (store.metadata().isEmpty()) {
                throw new ConfigException(
                        path, "a single weights file has no config.", "Pass the folder that holds it and config.json.");
            }
            // A model of a format that cannot be read is refused before it is planned or hashed.
            store.tensors().keySet().forEach(store::check);
            ModelConfig config =
                    GgufRopeFactors.applied(ConfigReader.gguf(new ConfigFields(path, store.metadata())), store);
            boolean tokens = store.metadata().containsKey("tokenizer.ggml.model")
                    || store.metadata().containsKey("tokenizer.ggml.tokens");
            Tokenizer tokenizer = tokens ? Tokenizers.fromGguf(store.metadata(), path) : null;
            List<Integer> ends = EndTokens.ofGguf(store.metadata(), path);
            return new ModelSource(
                    device, path, path, store, untied(config, store), new StatedParameters(), ends, tokenizer);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /** Unties an unembedding that the file holds, whatever the config says, as in the library. */
    private static ModelConfig untied(ModelConfig config, WeightStore store) {
        boolean stored = Families.architecture(config).tables().stream()
                .flatMap(table -> table.rules().stream())
                .filter(rule -> rule.parameter() == Parameter.UNEMBED)
                .anyMatch(rule -> store.tensors().containsKey(rule.name()));
        return config.tiedUnembedding() && stored ? config.untied() : config;
    }

    /** Returns sizes and architecture choices. */
    public ModelConfig config() {
        return config;
    }

    /**
     * Returns how pictures are prepared for the model; empty if it reads tokens, or the folder has no
     * preprocessor_config.json.
     */
    public Optional<Preprocessing> preprocessing() {
        if (!config.readsImages()) {
            return Optional.empty();
        }
        if (Families.of(config).preprocessingInConfig()) {
            return Optional.of(PreprocessingReader.timm(
                    ModelJson.read(path, "config.json"),
                    config.embedding().image().orElseThrow()));
        }
        return imageProcessor()
                .map(file -> PreprocessingReader.huggingFace(
                        file,
                        ModelJson.read(path, "config.json").text("model_type").orElse(""),
                        config.embedding().image().orElseThrow().channels()));
    }

    /** Returns preprocessor_config.json, or the image part of processor_config.json. */
    private Optional<ConfigFields> imageProcessor() {
        if (Files.exists(path.resolve("preprocessor_config.json"))) {
            return Optional.of(ModelJson.read(path, "preprocessor_config.json"));
        }
        return Files.exists(path.resolve("processor_config.json"))
                ? Optional.of(ModelJson.read(path, "processor_config.json"))
                        .filter(file -> file.has("image_processor"))
                        .map(file -> file.nested("image_processor"))
                : Optional.empty();
    }

    /** Returns a classifier's class names, by number; empty for other models. */
    public List<String> classNames() {
        return config.head().hasClasses()
                ? ClassNames.read(
                        ModelJson.read(path, "config.json"), config.head().classes())
                : List.of();
    }

    /** Returns the architecture's table. */
    public Architecture architecture() {
        return Families.architecture(config);
    }

    /** Returns the hook points that the model will have. */
    public HookPoints points() {
        return HookPoints.of(config);
    }

    /** Returns caveats about the model's files that affect its numbers, as sentences; usually none. */
    public List<String> warnings() {
        return tokenizer == null ? List.of() : Tokenizers.ggufWarnings(store.metadata());
    }

    /** Returns the tokenizer, or null if the folder has none; closed with this source unless a model took it. */
    public @Nullable Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Returns the model's template of a dialogue; empty if its files have none. */
    public Optional<ChatTemplate> chatTemplate() {
        return store.metadata().isEmpty() ? ChatTemplates.ofFolder(path) : ChatTemplates.ofGguf(store.metadata());
    }

    /** Returns the tokens after which the model's texts end, as its files state them; may be empty. */
    public List<Integer> endTokens() {
        return endTokens;
    }

    /** Returns the SHA-256 of the weights; reads them completely. */
    public String sha256() {
        return store.sha256();
    }

    /** Returns the folder or file that was opened. */
    public Path path() {
        return opened;
    }

    /** Returns the device that the model will run on. */
    public Device device() {
        return device;
    }

    /** Opens the same files again, for another model of them; closed by the caller. */
    public ModelSource again() {
        return open(opened, device);
    }

    /** Reads all weights into a model, which then owns them and the tokenizer. */
    public HookedModel load() {
        return load(Placement.RESIDENT, Precision.FLOAT32);
    }

    /**
     * Opens the model, which then owns the tokenizer and, if it is streamed, the files of weights.
     *
     * @param precision of products with weights
     */
    public HookedModel load(Placement placement, Precision precision) {
        Device placed = placement.streamed() ? device.with(device.tuning().streaming()) : device;
        if (placement.streamed()) {
            Allocator.returnLargeBlocks();
        }
        NDManager manager = placed.manager();
        try {
            WeightReader reader = new WeightReader(path, store, architecture(), config, stated, placed, manager);
            Weights weights =
                    placement.streamed() ? reader.stream(placement.held(), precision) : reader.read(precision);
            HookedModel model = new HookedModel(architecture(), config, weights, endTokens, tokenizer);
            tokenizer = null;
            storeOwned = !placement.streamed();
            return model;
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    @Override
    public void close() {
        if (storeOwned) {
            store.close();
        }
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
