package dev.kausal.engine.weights;

import dev.kausal.engine.errors.KausalException;
import java.nio.file.Path;

/** A sound weight file holds something that Kausal does not read: a number format, a version, a size. */
public final class UnsupportedWeightsException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String path;
    private final String where;
    private final String found;
    private final String supported;

    /**
     * @param path the file
     * @param where the part of it, such as {@code "tensor 'wte.weight'"}
     * @param found what is there, such as {@code "type IQ2_XXS"}
     * @param supported what would be read
     */
    public UnsupportedWeightsException(Path path, String where, String found, String supported) {
        super(
                Blame.USER,
                "Cannot read " + where + " of " + path + ": found " + found + ", supported: " + supported
                        + ". Convert the weights to a supported form, or choose another file.");
        this.path = path.toString();
        this.where = where;
        this.found = found;
        this.supported = supported;
    }

    public String path() {
        return path;
    }

    public String where() {
        return where;
    }

    public String found() {
        return found;
    }

    public String supported() {
        return supported;
    }
}
