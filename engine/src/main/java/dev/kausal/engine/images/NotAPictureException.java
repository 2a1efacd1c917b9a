package dev.kausal.engine.images;

import java.nio.file.Path;

/** A file that is not a supported picture, whatever its name. */
public final class NotAPictureException extends PictureException {
    private static final long serialVersionUID = 1L;

    NotAPictureException(Path file, String found) {
        super(file, "expected a PNG, JPEG, GIF, WebP, BMP or TIFF image, found " + found + ". Convert it to PNG.");
    }
}
