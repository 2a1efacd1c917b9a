package dev.kausal.engine.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.PickleRefusedException;
import dev.kausal.engine.weights.WeightStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The files of one sparse dictionary: settings and headers are read and checked when it is opened, weights when it is
 * loaded.
 */
public final class DictionaryFile implements AutoCloseable {
    private static final List<Layout> LAYOUTS =
            List.of(new SaeLens(), new Sparsify(), new GemmaScope(), new GemmaScope2(), new CircuitTracer());
    private static final List<String> PICKLES = List.of(".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle");
    private static final int NAMED = 8;

    private final Draft draft;
    private final DictionaryConfig config;

    private DictionaryFile(Draft draft, DictionaryConfig config) {
        this.draft = draft;
        this.config = config;
    }

    /**
     * Opens a dictionary.
     *
     * @param path a folder of SAELens, sparsify, Gemma Scope or Gemma Scope 2; its weight file; or one layer of circuit-tracer's
     *     transcoders, {@code layer_L.safetensors}
     * @throws DictionaryException if it is none, or asks for an unsupported computation
     * @throws PickleRefusedException if it is a Python pickle
     * @throws dev.kausal.engine.errors.KausalException if a file is damaged
     */
    public static DictionaryFile open(Path path) {
        if (!Files.exists(path)) {
            throw new DictionaryUnknownException(path, "no such file or folder");
        }
        refusePickle(path);
        Layout layout = LAYOUTS.stream()
                .filter(one -> one.fits(path))
                .findFirst()
                .orElseThrow(() -> new DictionaryUnknownException(path, contents(path)));
        Draft draft = layout.read(path);
        try {
            return new DictionaryFile(draft, draft.config());
        } catch (RuntimeException e) {
            draft.store.close();
            throw e;
        }
    }

    private static void refusePickle(Path path) {
        if (isPickle(path)) {
            throw new PickleRefusedException(path, "by its file name");
        }
    }

    private static boolean isPickle(Path path) {
        String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        return !Files.isDirectory(path) && PICKLES.stream().anyMatch(name::endsWith);
    }

    private static String contents(Path path) {
        if (!Files.isDirectory(path)) {
            return "a file of another name";
        }
        try (Stream<Path> entries = Files.list(path)) {
            List<Path> all = entries.sorted().toList();
            all.stream().filter(DictionaryFile::isPickle).findFirst().ifPresent(DictionaryFile::refusePickle);
            List<String> names = all.stream()
                    .map(file -> String.valueOf(file.getFileName()))
                    .limit(NAMED)
                    .toList();
            if (names.stream().anyMatch(name -> name.startsWith("W_enc_"))) {
                return "cross-layer transcoders, which are not supported";
            }
            return names.isEmpty() ? "an empty folder" : String.join(", ", names);
        } catch (IOException e) {
            return "a folder that cannot be read";
        }
    }

    /** Returns sizes and choices. */
    public DictionaryConfig config() {
        return config;
    }

    /** Returns the file of weights. */
    public Path path() {
        return draft.file;
    }

    /** Returns the SHA-256 of the weights, in lower-case hex. */
    public String sha256() {
        return draft.store.sha256();
    }

    /**
     * Reads the weights.
     *
     * @return to be closed by the caller
     */
    public Dictionary load(Device device) {
        Torch.inference();
        NDManager manager = device.manager();
        // It may be read within a pass, whose scope must not free it.
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Map<Role, NDArray> arrays = new EnumMap<>(Role.class);
            draft.tensors.forEach((role, stored) -> arrays.put(role, read(draft.store, stored, manager)));
            arrays.values().forEach(NDScope::unregister);
            Dictionary dictionary = new Dictionary(config, draft.file, manager, arrays);
            if (draft.rescales) {
                dictionary.rescale();
            }
            return dictionary;
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private static NDArray read(WeightStore store, Draft.Stored stored, NDManager manager) {
        NDArray array = store.read(stored.name(), manager);
        if (!stored.transposed()) {
            return array;
        }
        try (NDArray file = array;
                NDArray swapped = file.transpose()) {
            return swapped.duplicate();
        }
    }

    @Override
    public void close() {
        draft.store.close();
    }
}
