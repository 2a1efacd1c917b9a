package dev.kausal.engine.images;

import java.nio.file.Path;

/** A picture file that is truncated or contradicts itself. */
public final class PictureDamagedException extends PictureException {
    private static final long serialVersionUID = 1L;

    PictureDamagedException(Path file, String found) {
        super(file, "the image is damaged: " + found + ". Fetch or save it again.");
    }
}
