package dev.kausal.engine.source;

/**
 * One file of an embedded model.
 *
 * @param name name in the model's folder
 * @param size length in bytes
 * @param sha256 SHA-256 of the content, lower-case hexadecimal
 */
public record EmbeddedFile(String name, long size, String sha256) {}
