package dev.kausal.engine.config;

import java.util.List;
import java.util.Optional;

/**
 * What becomes of a picture before a model reads it, as its checkpoint says: resized, cropped about the centre, scaled,
 * normalised, in this order.
 *
 * @param resize how its size is changed; none leaves it as it is
 * @param crop the rows and columns that are kept; none keeps all
 * @param centring where the crop stands in a picture that is not larger by an even number of pixels
 * @param scale what pixels of 0 to 255 are multiplied by
 * @param mean by channel, taken off after scaling
 * @param deviation by channel, divided by after that
 * @param rescalesFirst whether pixels are scaled before the size changes, so that what is made between pixels is not rounded
 *     to whole levels
 */
public record Preprocessing(
        Optional<Resize> resize,
        Optional<Size> crop,
        Centring centring,
        double scale,
        List<Double> mean,
        List<Double> deviation,
        boolean rescalesFirst) {
    /** Resized in whole levels, as most are. */
    public Preprocessing(
            Optional<Resize> resize,
            Optional<Size> crop,
            Centring centring,
            double scale,
            List<Double> mean,
            List<Double> deviation) {
        this(resize, crop, centring, scale, mean, deviation, false);
    }

    /** Channels of a picture in colours: red, green, blue. A model of one channel reads grey. */
    public static final int COLOURS = 3;

    /** Most pixels that are decoded from a file, or made on the way to a model: 50 million. */
    public static final long MOST_PIXELS = 50_000_000;

    /** Rows and columns of pixels. */
    public record Size(int rows, int columns) {}

    /** How pixels between pixels are made. */
    public enum Interpolation {
        NEAREST,
        BILINEAR,
        BICUBIC
    }

    /** How the margins of a crop are rounded: libraries differ by a pixel. */
    public enum Centring {
        /**
         * Half of the difference, rounded down; of a picture that is too small, what is added before it is rounded up.
         */
        HUGGING_FACE {
            @Override
            public int offset(int size, int crop) {
                return Math.floorDiv(size - crop, 2);
            }
        },
        /**
         * Half of the difference, halves to even; of a picture that is too small, what is added before it rounded down.
         */
        TORCHVISION {
            @Override
            public int offset(int size, int crop) {
                return size < crop ? -((crop - size) / 2) : (int) Math.rint((size - crop) / 2.0);
            }
        };

        /** The first pixel that is kept of {@code size}; negative where black comes first. */
        public abstract int offset(int size, int crop);
    }

    /** A change of size. */
    public sealed interface Resize {
        /** How pixels between pixels are made. */
        Interpolation interpolation();

        /** To this size, whatever the picture's shape. */
        record Stretch(Size to, Interpolation interpolation) implements Resize {}

        /** The shorter side gets this many pixels; the aspect ratio stays. */
        record ShorterSide(int pixels, Interpolation interpolation) implements Resize {}

        /** So that it is just large enough for this size; the picture keeps its shape, sides rounded, halves to even. */
        record Cover(Size size, Interpolation interpolation) implements Resize {}
    }

    public Preprocessing {
        if (mean.size() != deviation.size()) {
            throw new IllegalArgumentException(
                    "means of " + mean.size() + " channels, deviations of " + deviation.size());
        }
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
    }
}
