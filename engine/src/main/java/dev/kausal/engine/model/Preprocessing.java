package dev.kausal.engine.model;

import java.util.List;
import java.util.Optional;

/**
 * What becomes of a picture before a model reads it, as its checkpoint says: resized, cropped about the centre, scaled,
 * normalised, in this order.
 *
 * @param resize how its size is changed; none leaves it as it is
 * @param crop the rows and columns that are kept; none keeps all
 * @param scale what pixels of 0 to 255 are multiplied by
 * @param mean by channel, taken off after scaling
 * @param deviation by channel, divided by after that
 */
public record Preprocessing(
        Optional<Resize> resize, Optional<Size> crop, double scale, List<Double> mean, List<Double> deviation) {
    /** Rows and columns of pixels. */
    public record Size(int rows, int columns) {}

    /** How pixels between pixels are made. */
    public enum Interpolation {
        NEAREST,
        BILINEAR,
        BICUBIC
    }

    /** A change of size. */
    public sealed interface Resize {
        /** How pixels between pixels are made. */
        Interpolation interpolation();

        /** To this size, whatever the picture's shape. */
        record Stretch(Size to, Interpolation interpolation) implements Resize {}

        /** So that the shorter side has so many pixels; the picture keeps its shape. */
        record ShorterSide(int pixels, Interpolation interpolation) implements Resize {}
    }

    public Preprocessing {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
    }
}
