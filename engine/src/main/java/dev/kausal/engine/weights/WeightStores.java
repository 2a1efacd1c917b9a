package dev.kausal.engine.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Opens checkpoints as {@link WeightStore}s. */
public final class WeightStores {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final List<String> PICKLE_ENDINGS = List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle");
    private static final int ZIP_MAGIC = 0x04034b50;
    private static final int PICKLE_PROTO = 0x80;
    private static final int MAX_PICKLE_PROTOCOL = 5;
    private static final int MAGIC_BYTES = 9;

    private WeightStores() {}

    /**
     * Opens weights and checks their headers in full.
     *
     * @param path a {@code .safetensors} or {@code .gguf} file, a {@code .safetensors.index.json}, or a folder: its
     *     {@code model.safetensors}, else {@code model.safetensors.index.json} with its shards, else its only {@code
     *     .safetensors}, else its only {@code .gguf}; for a split GGUF, any part
     * @return the store, to be closed by the caller; arrays read from it outlive it
     * @throws WeightsNotFoundException if there are no weights, or no unique set
     * @throws PickleRefusedException if it is a Python pickle, by name or by first bytes
     * @throws CorruptWeightsException if a file contradicts its format
     * @throws UnsupportedWeightsException if the format or version is unsupported
     * @throws WeightsIoException if the machine cannot read it
     */
    public static WeightStore open(Path path) {
        if (!Files.exists(path)) {
            throw new WeightsNotFoundException(path, "no such file or folder");
        }
        return openFile(Files.isDirectory(path) ? choose(path) : path);
    }

    /**
     * Opens the arrays of an {@code .npz}, as NumPy writes it.
     *
     * @return the store, to be closed by the caller; arrays read from it outlive it
     * @throws CorruptWeightsException if it is no zip of .npy files, or claims sizes that it cannot have
     * @throws PickleRefusedException if an array holds Python objects
     */
    public static WeightStore npz(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new WeightsNotFoundException(path, "no such file");
        }
        return NpzStore.open(path);
    }

    /** Returns a safetensors file's texts besides tensors ({@code __metadata__}); none for another file. */
    public static Map<String, String> notes(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new WeightsNotFoundException(file, "no such file");
        }
        try (WeightsFile weights = WeightsFile.open(file)) {
            return Safetensors.notes(weights);
        }
    }

    /** Returns whether a folder holds a GGUF, and neither a config nor other weights. */
    public static boolean onlyGguf(Path folder) {
        List<Path> all = list(folder);
        return all.stream().anyMatch(file -> name(file).endsWith(".gguf"))
                && all.stream()
                        .noneMatch(file -> name(file).endsWith(".safetensors")
                                || name(file).equals("config.json"));
    }

    private static Path choose(Path folder) {
        List<Path> all = list(folder);
        for (String name : List.of(SINGLE, INDEX)) {
            if (Files.isRegularFile(folder.resolve(name))) {
                return folder.resolve(name);
            }
        }
        for (String ending : List.of(".safetensors", ".gguf")) {
            List<Path> fitting =
                    all.stream().filter(file -> name(file).endsWith(ending)).toList();
            if (fitting.size() == 1 || (!fitting.isEmpty() && GgufParts.arePartsOfOne(fitting))) {
                return fitting.get(0);
            }
            if (fitting.size() > 1) {
                List<String> names = fitting.stream().map(WeightStores::name).toList();
                throw new WeightsNotFoundException(folder, "several without an index: " + String.join(", ", names));
            }
        }
        all.stream().filter(WeightStores::namedLikePickle).findFirst().ifPresent(file -> {
            throw new PickleRefusedException(file, "by its file name; there are no other weights here");
        });
        throw new WeightsNotFoundException(folder, "none among its " + all.size() + " files");
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new WeightsIoException(folder, e);
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static boolean namedLikePickle(Path file) {
        return PICKLE_ENDINGS.stream().anyMatch(name(file)::endsWith);
    }

    private static WeightStore openFile(Path path) {
        if (name(path).endsWith(".safetensors.index.json")) {
            return SafetensorsIndex.open(path.toAbsolutePath());
        }
        if (GgufParts.named(path)) {
            return GgufParts.open(path.toAbsolutePath());
        }
        WeightsFile file = WeightsFile.open(path);
        try {
            return open(file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static WeightStore open(WeightsFile file) {
        Path path = file.path();
        ByteBuffer start = file.map(0, Math.min(file.size(), MAGIC_BYTES));
        int magic = start.remaining() < Integer.BYTES ? 0 : start.getInt(0);
        if (magic == Gguf.MAGIC || (name(path).endsWith(".gguf") && !pickle(start))) {
            return FileWeightStore.gguf(file);
        }
        if (pickle(start)) {
            throw new PickleRefusedException(path, "by its first bytes");
        }
        if (namedLikePickle(path)) {
            throw new PickleRefusedException(path, "by its file name");
        }
        if (!name(path).endsWith(".safetensors") && !jsonHeader(start)) {
            throw new UnsupportedWeightsException(
                    path, "the format", "safetensors, GGUF", "neither by its name nor by its bytes");
        }
        Map<String, Region> regions = Safetensors.read(file);
        return FileWeightStore.safetensors(path, List.of(file), regions);
    }

    /** Returns whether the byte after a safetensors' length opens a JSON object. */
    private static boolean jsonHeader(ByteBuffer start) {
        return start.remaining() == MAGIC_BYTES && start.get(MAGIC_BYTES - 1) == '{';
    }

    /**
     * Returns whether it is a zip (torch.save) or a bare pickle of protocol 2 to 5. A safetensors' length may start
     * with the same bytes.
     */
    private static boolean pickle(ByteBuffer start) {
        if (start.remaining() < Integer.BYTES || jsonHeader(start)) {
            return false;
        }
        int protocol = start.get(1);
        boolean bare = (start.get(0) & 0xff) == PICKLE_PROTO && protocol >= 2 && protocol <= MAX_PICKLE_PROTOCOL;
        return bare || start.getInt(0) == ZIP_MAGIC;
    }
}
