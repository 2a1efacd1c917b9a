package dev.kausal.engine.source;

/**
 * A file of a repository, as described by the Hub.
 *
 * @param name name in the repository's root
 * @param etag SHA-256 of the content for large files (64 digits), git's SHA-1 for small ones (40)
 * @param size size in bytes
 */
record HubFile(String name, String etag, long size) {
    boolean isLarge() {
        return etag.length() == 64;
    }
}
