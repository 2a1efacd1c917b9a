package dev.kausal.engine.source;

import java.nio.file.Path;

/**
 * The location of a model's files on this machine.
 *
 * @param ref the reference as the user wrote it
 * @param path a model folder or a .gguf file
 */
public record ModelFiles(String ref, Path path) {}
