package dev.kausal.engine.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Fetches the wheel of a catalog entry. */
public interface Downloader {
    /**
     * Fetches into {@code folder}, which is empty and deleted afterwards.
     *
     * @return the wheel
     * @throws IOException if writing fails
     */
    Path download(CatalogEntry entry, Path folder, Consumer<String> progress) throws IOException;
}
