package dev.kausal.engine.images;

import java.nio.file.Path;

/** A picture file that no decoder here supports, such as JPEG of 12 bits. */
public final class PictureUnsupportedException extends PictureException {
    private static final long serialVersionUID = 1L;

    PictureUnsupportedException(Path file, String found) {
        super(file, "images of this kind cannot be decoded: " + found + ". Save it as PNG of 8 bits.");
    }
}
