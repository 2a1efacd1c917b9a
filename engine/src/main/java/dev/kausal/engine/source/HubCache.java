package dev.kausal.engine.source;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.files.SmallFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One repository in the Hub's local cache, in the layout of the Hub's own client: {@code blobs/ETAG} are the files,
 * {@code snapshots/COMMIT/NAME} links to them, {@code refs/REVISION} holds the commit of a branch or tag.
 */
final class HubCache {
    static final String WEIGHTS = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private record Index(Map<String, String> weight_map) {}

    private final Path hub;
    private final Path repository;

    HubCache(Path hub, String name) {
        this.hub = hub;
        this.repository = hub.resolve("models--" + name.replace("/", "--"));
    }

    Path repository() {
        return repository;
    }

    /** Returns the lock file, separate from those of the Hub's client, whose locks are of another kind. */
    Path lock() {
        return hub.resolve(".locks").resolve(repository.getFileName()).resolve("kausal.lock");
    }

    Path blob(String etag) {
        return repository.resolve("blobs").resolve(etag);
    }

    /** Returns the file for a partial blob; the Hub's client uses other names. */
    Path incomplete(String etag) {
        return repository.resolve("blobs").resolve(etag + ".kausal.incomplete");
    }

    /** Returns what the engine opens, if the cache has it: a snapshot with config and weights, or a .gguf file. */
    Optional<Path> whole(HubRef ref) {
        Path snapshot = snapshot(ref.revision());
        boolean whole = ref.isFile()
                ? HubGguf.parts(ref.file()).stream().allMatch(part -> Files.isRegularFile(snapshot.resolve(part)))
                : isWhole(snapshot);
        return whole ? Optional.of(opened(ref, snapshot)) : Optional.empty();
    }

    /** Returns the part of a snapshot that the engine opens. */
    static Path opened(HubRef ref, Path snapshot) {
        return snapshot.resolve(ref.file());
    }

    /** Returns the folder of the snapshot of a revision, which may not exist. */
    Path snapshot(String revision) {
        return repository.resolve("snapshots").resolve(commit(revision));
    }

    private String commit(String revision) {
        Path pointer = repository.resolve("refs").resolve(revision);
        try {
            String commit =
                    Files.isRegularFile(pointer) ? Files.readString(pointer).strip() : revision;
            return commit.matches("[A-Za-z0-9][\\w.-]*") ? commit : revision;
        } catch (IOException e) {
            return revision;
        }
    }

    private static boolean isWhole(Path snapshot) {
        if (!Files.isRegularFile(snapshot.resolve("config.json"))) {
            return false;
        }
        if (Files.isRegularFile(snapshot.resolve(WEIGHTS))) {
            return true;
        }
        try (Stream<Path> files = Files.list(snapshot)) {
            Path index = snapshot.resolve(INDEX);
            return Files.isRegularFile(index)
                    ? shards(index).stream().allMatch(shard -> Files.isRegularFile(snapshot.resolve(shard)))
                    : files.anyMatch(file -> file.toString().endsWith(".safetensors") && Files.isRegularFile(file));
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns the weight files named in an index; empty if it is not an index. */
    static Set<String> shards(Path index) throws IOException {
        try {
            Index read = new Gson().fromJson(SmallFiles.text(index, SmallFiles.CONFIG), Index.class);
            return read == null || read.weight_map() == null
                    ? Set.of()
                    : new TreeSet<>(read.weight_map().values());
        } catch (JsonParseException e) {
            return Set.of();
        }
    }

    /** Links blobs as a snapshot's files, in order, and then points the revision to it. */
    Path publish(HubRef ref, String commit, List<HubFile> files) throws IOException {
        Path snapshot = Files.createDirectories(repository.resolve("snapshots").resolve(commit));
        for (HubFile file : files) {
            link(snapshot.resolve(file.name()), blob(file.etag()));
        }
        if (!ref.revision().equals(commit)) {
            Path pointer = repository.resolve("refs").resolve(ref.revision());
            Files.createDirectories(pointer.getParent());
            Path draft = Files.writeString(pointer.resolveSibling(".kausal-" + pointer.getFileName()), commit);
            CacheFiles.moveAtomically(draft, pointer);
        }
        return snapshot;
    }

    private static void link(Path link, Path blob) throws IOException {
        Path folder = Present.of(link.getParent(), "folder of " + link);
        Files.createDirectories(folder);
        Files.deleteIfExists(link);
        try {
            Files.createSymbolicLink(link, folder.relativize(blob));
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.copy(blob, link); // a file system without links
        }
    }
}
