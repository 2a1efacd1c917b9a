package dev.kausal.engine.weights;

import java.nio.file.Path;

/** No weights, or no unique set of them, at the given path. */
public final class WeightsNotFoundException extends WeightsException {
    private static final long serialVersionUID = 1L;

    private final String found;

    /**
     * @param path given file or folder
     * @param found what was found instead, such as {@code "no such file or folder"}
     */
    public WeightsNotFoundException(Path path, String found) {
        super(
                Blame.USER,
                path,
                "No weights to open at " + path
                        + ": expected a .safetensors or .gguf file, or a folder with model.safetensors,"
                        + " model.safetensors.index.json, or one such file, found " + found
                        + ". Check the path, or name the file itself.");
        this.found = found;
    }

    public String found() {
        return found;
    }
}
