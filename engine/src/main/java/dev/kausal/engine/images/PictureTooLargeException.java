package dev.kausal.engine.images;

import java.nio.file.Path;

/** A picture above the pixel limit: a small file can hold a picture that fills the memory. */
public final class PictureTooLargeException extends PictureException {
    private static final long serialVersionUID = 1L;

    PictureTooLargeException(Path file, int rows, int columns, long most) {
        super(
                file,
                "the image has " + rows + " x " + columns + " = " + (long) rows * columns
                        + " pixels, above the limit of " + most + ". Make it smaller; the model reads far fewer.");
    }
}
