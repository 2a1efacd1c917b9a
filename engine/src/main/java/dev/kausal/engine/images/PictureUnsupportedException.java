package dev.kausal.engine.images;

import java.nio.file.Path;

/** A picture file of an unsupported kind, such as a 12-bit JPEG. */
public final class PictureUnsupportedException extends PictureException {
    private static final long serialVersionUID = 1L;

    PictureUnsupportedException(Path file, String found) {
        super(file, "images of this kind cannot be decoded: " + found + ". Save it as an 8-bit PNG.");
    }
}
