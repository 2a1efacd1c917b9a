package dev.kausal.engine.source;

import java.nio.file.Path;

/**
 * Where a model's files are on this machine.
 *
 * @param ref the reference as the user wrote it
 * @param path a model folder or a .gguf file
 */
public record ModelFiles(String ref, Path path) {}
