package dev.kausal.engine.source;

import com.google.gson.Gson;
import dev.kausal.engine.names.NearestNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The models in the jar. A model is unpacked into the cache on first use, because weights are memory-mapped from files.
 * The folder name includes a hash of the contents, so that versions do not mix, and every file is hashed on each use.
 */
public final class EmbeddedModels {
    static final String PREFIX = "embedded:";
    private static final String ROOT = "/embedded/";
    private static final EmbeddedModels BUILT_IN = read();

    private final List<EmbeddedModel> all;

    private EmbeddedModels(List<EmbeddedModel> all) {
        this.all = List.copyOf(all);
    }

    /** Returns the models of this version. */
    public static EmbeddedModels builtIn() {
        return BUILT_IN;
    }

    private static EmbeddedModels read() {
        Gson gson = new Gson();
        String[] names = gson.fromJson(text("index.json"), String[].class);
        return new EmbeddedModels(Arrays.stream(names)
                .map(name -> gson.fromJson(text(name + "/card.json"), EmbeddedModel.class))
                .toList());
    }

    private static String text(String path) {
        return new String(bytes(path), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String path) {
        try (InputStream in = EmbeddedModels.class.getResourceAsStream(ROOT + path)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + ROOT + path);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns all models, in the order of the index. */
    public List<EmbeddedModel> all() {
        return all;
    }

    /**
     * Unpacks a model, unless the cache has it completely.
     *
     * @param name name after {@code embedded:}
     * @param cache Kausal's cache
     * @return the model's folder
     */
    public Path unpack(String name, Path cache) {
        EmbeddedModel model = all.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new EmbeddedModelUnknown(
                        name,
                        NearestNames.of(
                                name, all.stream().map(EmbeddedModel::name).toList(), all.size())));
        Path folder = cache.resolve("embedded").resolve(name + "-" + fingerprint(model));
        try {
            Files.createDirectories(folder);
            for (EmbeddedFile file : model.files()) {
                unpack(model, file, folder.resolve(file.name()));
            }
            return folder;
        } catch (IOException e) {
            throw new CacheUnusable(cache, e);
        }
    }

    private static void unpack(EmbeddedModel model, EmbeddedFile file, Path target) throws IOException {
        if (Files.isRegularFile(target) && Hashing.sha256(target).equals(file.sha256())) {
            return;
        }
        byte[] content = bytes(model.name() + "/" + file.name());
        String found = Hashing.sha256(content);
        if (!found.equals(file.sha256())) {
            throw new IllegalStateException(model.ref() + ": " + file.name() + " has SHA-256 " + found
                    + ", but its card says " + file.sha256());
        }
        Path draft = Files.createTempFile(target.getParent(), ".unpacking", ".partial");
        try {
            Files.write(draft, content);
            CacheFiles.moveAtomically(draft, target);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static String fingerprint(EmbeddedModel model) {
        StringBuilder hashes = new StringBuilder();
        model.files().forEach(file -> hashes.append(file.name()).append(file.sha256()));
        return Hashing.sha256(hashes.toString().getBytes(StandardCharsets.UTF_8))
                .substring(0, 12);
    }
}
