package dev.kausal.engine.fuzz;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.images.ImageInputs;
import dev.kausal.engine.images.PictureFile;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ModelSource;
import dev.kausal.engine.source.HubAnswers;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tokens.Encoding;
import dev.kausal.engine.tokens.Tokenizer;
import dev.kausal.engine.tokens.Tokenizers;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What reads files of strangers: its seeds, and all that is done with one on the way to numbers. */
enum Parser implements FuzzTarget {
    SAFETENSORS("model.safetensors", "llama", "llama-tied-bf16") {
        @Override
        void read(Path file) {
            tensors(file);
        }
    },
    INDEX("model.safetensors.index.json", "llama") {
        @Override
        void read(Path file) {
            tensors(file);
        }

        @Override
        byte[] content(Path seed) {
            try (WeightStore store = WeightStores.open(seed.resolve("model.safetensors"))) {
                String shards = store.tensors().keySet().stream()
                        .map(name -> "\"" + name + "\": \"model.safetensors\"")
                        .collect(Collectors.joining(", "));
                String index = "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {" + shards + "}}";
                return index.getBytes(StandardCharsets.UTF_8);
            }
        }
    },
    GGUF("model.gguf", "llama.gguf", "gpt2.gguf", "gemma3.gguf", "minilm-body.gguf") {
        @Override
        void read(Path file) {
            pass(file);
        }
    },
    CONFIG(
            "config.json",
            "llama",
            "gpt2",
            "gpt-neo",
            "bert-masked",
            "vit",
            "deberta-v2",
            "modernbert-masked",
            "gemma3",
            "opt",
            "phi3",
            "beit",
            "dinov3",
            "siglip",
            "timm-vit",
            "roberta-masked",
            "distilbert-masked",
            "electra-generator",
            "gptj",
            "gpt-neox",
            "granite",
            "olmo3",
            "stablelm",
            "smollm3",
            "qwen3",
            "llama3-rope-scaling") {
        @Override
        void read(Path file) {
            pass(file.getParent());
        }
    },
    /** Only what is read before any weight. */
    CONFIG_FIELDS("config.json", CONFIG.names) {
        @Override
        void read(Path file) {
            try (ModelSource source = ModelSource.open(file.getParent())) {
                source.config();
            }
        }
    },
    /** The tensors alone, without a model of them. */
    GGUF_TENSORS("model.gguf", GGUF.names) {
        @Override
        void read(Path file) {
            tensors(file);
        }
    },
    TOKENIZER("tokenizer.json", "bytelevel-roberta", "unigram-deberta", "wordpiece-bert", "bytelevel-sequence") {
        @Override
        void read(Path file) {
            try (Tokenizer tokenizer = Tokenizers.open(file.getParent())) {
                for (String text : TEXTS) {
                    Encoding encoded = tokenizer.encode(text);
                    tokenizer.decode(encoded.ids());
                    tokenizer.frame(text, ".");
                }
                tokenizer.mask();
            }
        }
    },
    PREPROCESSOR("preprocessor_config.json", "vit", "deit", "dinov2", "dinov3") {
        @Override
        void read(Path file) {
            try (ModelSource source = ModelSource.open(file.getParent())) {
                source.preprocessing()
                        .ifPresent(how -> new ImageInputs(source.config(), how).read(TINY.resolve("image.png")));
            }
        }
    },
    PNG("picture.png", "grey-16.png", "palette-alpha.png", "colour-key.png", "orientation-8.png") {
        @Override
        void read(Path file) {
            PictureFile.read(file);
        }
    },
    JPEG("picture.jpg", "progressive.jpg", "cmyk.jpg", "orientation-6.jpg") {
        @Override
        void read(Path file) {
            PictureFile.read(file);
        }
    },
    OTHER_PICTURES("picture", "lzw.tif", "palette.gif", "palette.bmp", "lossy-alpha.webp", "frames.gif", "group4.tif") {
        @Override
        void read(Path file) {
            PictureFile.read(file);
        }
    },
    HUB_ANSWER("answer.json", "") {
        @Override
        void read(Path file) {
            try {
                HubAnswers.read(Files.readAllBytes(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        byte[] content(Path seed) {
            String answer =
                    "{\"sha\": \"" + "0123456789".repeat(4) + "\", \"siblings\": [{\"rfilename\": \"config.json\"},"
                            + " {\"rfilename\": \"model.safetensors\", \"size\": 7}], \"private\": false, \"tags\": [\"a\"]}";
            return answer.getBytes(StandardCharsets.UTF_8);
        }
    };

    private static final Path TINY = Path.of("src/test/resources/tiny");
    private static final List<Path> FOLDERS =
            List.of(TINY, Path.of("src/test/resources/pictures"), Path.of("src/test/resources/tokenizers"));
    private static final List<String> TEXTS = List.of(
            "The Eiffel Tower is in the city of",
            " ",
            "\u00e9\ud83d\ude00\u4e2d\u2028x\0y",
            "a".repeat(40) + "!",
            "[MASK] </s><s>");

    private final String file;
    private final List<String> names;

    Parser(String file, String... names) {
        this(file, List.of(names));
    }

    Parser(String file, List<String> names) {
        this.file = file;
        this.names = names;
    }

    /** Reads {@code file} and all that it leads to. */
    abstract void read(Path file);

    @Override
    public String title() {
        return name();
    }

    @Override
    public int seeds() {
        return names.size();
    }

    @Override
    public byte[] seed(int seed) {
        return content(valid(seed));
    }

    @Override
    public boolean read(int seed, byte[] content, Path folder) {
        Path place = place(valid(seed), content, folder.resolve(name() + "-" + seed));
        try {
            read(place);
            return true;
        } catch (KausalException e) {
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new IllegalStateException("an error without a message", e);
            }
            return false;
        }
    }

    /** A file, or the folder of a model, that is read without an error. */
    private Path valid(int seed) {
        return FOLDERS.stream()
                .map(folder -> folder.resolve(names.get(seed)))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
    }

    /** The content of the file that is changed. */
    byte[] content(Path seed) {
        try {
            return Files.readAllBytes(Files.isDirectory(seed) ? seed.resolve(file) : seed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts {@code content} in the place of the seed's file in {@code folder}, beside copies of its other files. Returns it. */
    private Path place(Path seed, byte[] content, Path folder) {
        try {
            if (!Files.isDirectory(folder) && Files.isDirectory(seed)) {
                Files.createDirectories(folder);
                try (Stream<Path> files = Files.list(seed)) {
                    for (Path other : files.filter(Files::isRegularFile).toList()) {
                        Path copy = folder.resolve(other.getFileName());
                        if (!other.getFileName().toString().startsWith("dump") && !Files.exists(copy)) {
                            Files.copy(other, copy);
                        }
                    }
                }
            }
            Files.createDirectories(folder);
            return Files.write(folder.resolve(file), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void tensors(Path file) {
        try (WeightStore store = WeightStores.open(file);
                NDManager manager = Torch.manager()) {
            store.tensors().keySet().forEach(name -> store.read(name, manager));
        }
    }

    private static void pass(Path model) {
        try (HookedModel opened = HookedModel.open(model);
                NDManager manager = Torch.manager()) {
            ModelConfig config = opened.config();
            if (config.readsImages()) {
                return;
            }
            Input input = Input.tokens(new int[] {1, 2, 3});
            opened.outputs(List.of(input), new Hooks(opened.points()), manager).toFloatArray();
        }
    }
}
