package dev.kausal.engine.source;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * One catalog entry's folder in the cache, with a marker file that records each file's hash, size and modification
 * time. A file with the recorded size and time counts as complete; one with another time is hashed again.
 */
final class CachedModel {
    static final String MARKER = "kausal-model.json";

    private record FileState(String sha256, long size, long changed) {}

    private static final class Marker {
        Map<String, FileState> files = new HashMap<>();
    }

    private final CatalogEntry entry;
    private final Path folder;

    CachedModel(CatalogEntry entry, Path folder) {
        this.entry = entry;
        this.folder = folder;
    }

    /** Returns the path that the engine opens. */
    Path path() {
        return entry.main().isEmpty() ? folder : folder.resolve(entry.main());
    }

    /** Returns what is wrong with the folder; "" if nothing is. */
    String fault() throws IOException {
        Marker marker = readMarker();
        boolean stale = false;
        for (CatalogFile file : entry.files()) {
            Path path = folder.resolve(file.name());
            if (!Files.isRegularFile(path)) {
                return file.name() + " is missing";
            }
            if (Files.size(path) != file.size()) {
                return file.name() + " has " + Files.size(path) + " bytes, not " + file.size();
            }
            if (state(file, path).equals(marker.files.get(file.name()))) {
                continue;
            }
            if (!Hashing.sha256(path).equals(file.sha256())) {
                return file.name() + " differs from what was pulled";
            }
            stale = true;
        }
        if (stale) {
            refreshMarker();
        }
        return "";
    }

    /** Records the files as they are now; to be called only after checking them. */
    void writeMarker() throws IOException {
        Marker marker = new Marker();
        for (CatalogFile file : entry.files()) {
            marker.files.put(file.name(), state(file, folder.resolve(file.name())));
        }
        Path draft = Files.createTempFile(folder, ".marker", ".tmp");
        try {
            Files.writeString(draft, new Gson().toJson(marker));
            CacheFiles.moveAtomically(draft, folder.resolve(MARKER));
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    // A cache that cannot be written can still be read.
    private void refreshMarker() {
        try {
            writeMarker();
        } catch (IOException e) {
            return;
        }
    }

    private static FileState state(CatalogFile file, Path path) throws IOException {
        return new FileState(
                file.sha256(), Files.size(path), Files.getLastModifiedTime(path).toMillis());
    }

    private Marker readMarker() throws IOException {
        Path path = folder.resolve(MARKER);
        if (!Files.isRegularFile(path)) {
            return new Marker();
        }
        try {
            Marker marker = new Gson().fromJson(Files.readString(path), Marker.class);
            return marker == null || marker.files == null ? new Marker() : marker;
        } catch (JsonParseException | java.nio.charset.CharacterCodingException e) {
            return new Marker();
        }
    }
}
