package dev.kausal.engine.config;

import java.util.List;
import java.util.Optional;

/**
 * How a picture is prepared for a model, as its checkpoint says: resized, centre-cropped, scaled, normalised, in this
 * order.
 *
 * @param resize change of size; empty for none
 * @param crop rows and columns to keep; empty for all
 * @param centring rounding of the crop's margins if they are uneven
 * @param scale factor on pixels of 0 to 255
 * @param mean mean by channel, subtracted after scaling
 * @param deviation standard deviation by channel, divided by afterwards
 * @param rescalesFirst whether pixels are scaled before resizing, so that interpolated values are not rounded to whole
 *     levels
 */
public record Preprocessing(
        Optional<Resize> resize,
        Optional<Size> crop,
        Centring centring,
        double scale,
        List<Double> mean,
        List<Double> deviation,
        boolean rescalesFirst) {
    /** Creates preprocessing that resizes in whole levels, as most do. */
    public Preprocessing(
            Optional<Resize> resize,
            Optional<Size> crop,
            Centring centring,
            double scale,
            List<Double> mean,
            List<Double> deviation) {
        this(resize, crop, centring, scale, mean, deviation, false);
    }

    /** Channels of a colour picture: red, green, blue. A model of one channel reads grey. */
    public static final int COLOURS = 3;

    /** Limit of pixels, decoded from a file or made on the way to a model: 50 million. */
    public static final long MOST_PIXELS = 50_000_000;

    /** A size in rows and columns of pixels. */
    public record Size(int rows, int columns) {}

    /** Interpolation of pixels. */
    public enum Interpolation {
        NEAREST,
        BILINEAR,
        BICUBIC
    }

    /** Rounding of a crop's margins: libraries differ by a pixel. */
    public enum Centring {
        /**
         * Half of the difference, rounded down; if the picture is too small, the padding is rounded up.
         */
        HUGGING_FACE {
            @Override
            public int offset(int size, int crop) {
                return Math.floorDiv(size - crop, 2);
            }
        },
        /**
         * Half of the difference, ties to even; if the picture is too small, the padding is rounded down.
         */
        TORCHVISION {
            @Override
            public int offset(int size, int crop) {
                return size < crop ? -((crop - size) / 2) : (int) Math.rint((size - crop) / 2.0);
            }
        };

        /** Returns the first pixel kept of {@code size}; negative if the crop begins with black padding. */
        public abstract int offset(int size, int crop);
    }

    /** A change of size. */
    public sealed interface Resize {
        /** Returns the interpolation. */
        Interpolation interpolation();

        /** Resizes to this size, whatever the picture's aspect ratio. */
        record Stretch(Size to, Interpolation interpolation) implements Resize {}

        /** Resizes the shorter side to this many pixels, keeping the aspect ratio. */
        record ShorterSide(int pixels, Interpolation interpolation) implements Resize {}

        /** Resizes to just cover this size, keeping the aspect ratio; sides are rounded, ties to even. */
        record Cover(Size size, Interpolation interpolation) implements Resize {}
    }

    public Preprocessing {
        if (mean.size() != deviation.size()) {
            throw new IllegalArgumentException(
                    "means of " + mean.size() + " channels, but deviations of " + deviation.size());
        }
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
    }
}
