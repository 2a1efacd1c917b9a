package dev.kausal.engine.source;

/**
 * One file of a catalog entry.
 *
 * @param name path inside the cached model's folder, with forward slashes
 * @param wheelPath path inside the wheel
 * @param size length in bytes
 * @param sha256 SHA-256 of the content, lower-case hexadecimal
 */
public record CatalogFile(String name, String wheelPath, long size, String sha256) {}
