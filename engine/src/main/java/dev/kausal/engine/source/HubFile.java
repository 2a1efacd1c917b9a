package dev.kausal.engine.source;

/**
 * A file of a repository, as the Hub describes it.
 *
 * @param name in the repository's root
 * @param etag SHA-256 of the content for large files (64 digits), git's SHA-1 of it for small ones (40)
 * @param size in bytes
 */
record HubFile(String name, String etag, long size) {
    boolean isLarge() {
        return etag.length() == 64;
    }
}
