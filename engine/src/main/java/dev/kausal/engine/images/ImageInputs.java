package dev.kausal.engine.images;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Preprocessing;
import dev.kausal.engine.config.Preprocessing.Interpolation;
import dev.kausal.engine.config.Preprocessing.Resize;
import dev.kausal.engine.config.Preprocessing.Size;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import javax.imageio.ImageIO;

/**
 * Makes a model's inputs from pictures, with its checkpoint's preprocessing: resized, centre-cropped, scaled and
 * normalised; a model of one channel reads, and shows, grey.
 *
 * <p>Equal to Hugging Face's processors on Pillow and to timm's transforms, bit for bit in resizing; their processors
 * on torchvision's tensors round differently, by up to two of 255 levels. If a processor rescales first, nothing is
 * rounded.
 */
public final class ImageInputs {
    private final ModelConfig config;
    private final Preprocessing preprocessing;

    /** Creates inputs for models of this config. */
    public ImageInputs(ModelConfig config, Preprocessing preprocessing) {
        this.config = config;
        this.preprocessing = preprocessing;
    }

    /**
     * A picture as the model sees it.
     *
     * @param input the model's input
     * @param picture resized and cropped, not yet normalised: one pixel per input pixel, in whole levels
     * @param png {@link #picture} as a PNG file, from which {@link #again} recreates the input
     */
    public record Seen(Input input, Picture picture, byte[] png) {}

    /**
     * Reads a PNG, JPEG, GIF, WebP, BMP or TIFF file.
     *
     * @throws PictureException if the file cannot be decoded as a picture
     * @throws dev.kausal.engine.config.ImageMismatchException if the result cannot be cut into the model's patches
     */
    public Seen read(Path file) {
        return of(PictureFile.read(file));
    }

    /** Makes the input of a decoded picture. */
    public Seen of(Picture picture) {
        Picture own = preprocessing.mean().size() == 1 ? picture.grey() : picture;
        Optional<Size> size = preprocessing.resize().map(resize -> sizeOf(resize, own));
        if (preprocessing.rescalesFirst() && size.isPresent()) {
            Interpolation how = preprocessing.resize().get().interpolation();
            return ofSeen(RealPixels.of(own, size.get().rows(), size.get().columns(), how));
        }
        Picture resized = size.map(to -> Resizing.of(
                        own,
                        to.rows(),
                        to.columns(),
                        preprocessing.resize().get().interpolation()))
                .orElse(own);
        return ofSeen(cropped(resized));
    }

    /**
     * Recreates the input from a file of {@link Seen#png}, bit for bit.
     *
     * @throws PictureException if the file is not one
     * @throws dev.kausal.engine.config.ImageMismatchException if it cannot be cut into the model's patches
     */
    public Seen again(Path file) {
        Picture picture = PictureFile.read(file);
        if (!preprocessing.rescalesFirst() || preprocessing.resize().isEmpty()) {
            return ofSeen(picture);
        }
        byte[] packed = PictureFile.reals(file)
                .orElseThrow(() -> new PictureDamagedException(
                        file, "it lacks chunk " + RealPixels.CHUNK + ", the pixels that the model read"));
        return ofSeen(RealPixels.unpacked(file, picture, packed));
    }

    private Seen ofSeen(Picture seen) {
        return new Seen(input(seen.rows(), seen.columns(), at -> seen.rgb()[at] & 0xff), seen, png(seen));
    }

    private Seen ofSeen(RealPixels seen) {
        Picture rounded = seen.rounded();
        byte[] png = PngChunks.with(png(rounded), RealPixels.CHUNK, seen.packed());
        return new Seen(input(seen.rows(), seen.columns(), at -> seen.levels()[at]), rounded, png);
    }

    private static Size sizeOf(Resize resize, Picture picture) {
        if (resize instanceof Resize.Stretch stretch) {
            return stretch.to();
        }
        if (resize instanceof Resize.Cover cover) {
            double smaller = Math.min(
                    (double) picture.rows() / cover.size().rows(),
                    (double) picture.columns() / cover.size().columns());
            return new Size((int) Math.rint(picture.rows() / smaller), (int) Math.rint(picture.columns() / smaller));
        }
        int pixels = ((Resize.ShorterSide) resize).pixels();
        return picture.columns() <= picture.rows()
                ? new Size(longer(pixels, picture.rows(), picture.columns()), pixels)
                : new Size(pixels, longer(pixels, picture.columns(), picture.rows()));
    }

    private static int longer(int pixels, int longSide, int shortSide) {
        return (int) ((long) pixels * longSide / shortSide);
    }

    private Picture cropped(Picture picture) {
        return preprocessing
                .crop()
                .map(size -> picture.cut(
                        preprocessing.centring().offset(picture.rows(), size.rows()),
                        preprocessing.centring().offset(picture.columns(), size.columns()),
                        size.rows(),
                        size.columns()))
                .orElse(picture);
    }

    /**
     * Normalises levels [row, column, channel] to [channel, row, column]; in a grey picture the three colours are
     * equal.
     */
    private Input input(int rows, int columns, IntToDoubleFunction level) {
        List<Double> mean = preprocessing.mean();
        int pixels = rows * columns;
        float[] values = new float[mean.size() * pixels];
        for (int channel = 0; channel < mean.size(); channel++) {
            double taken = mean.get(channel);
            double divisor = preprocessing.deviation().get(channel);
            for (int pixel = 0; pixel < pixels; pixel++) {
                double scaled = level.applyAsDouble(pixel * Picture.RGB + channel) * preprocessing.scale();
                values[channel * pixels + pixel] = (float) ((scaled - taken) / divisor);
            }
        }
        return config.image(values, rows, columns);
    }

    private static byte[] png(Picture picture) {
        java.awt.image.BufferedImage image = new java.awt.image.BufferedImage(
                picture.columns(), picture.rows(), java.awt.image.BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < picture.rows(); row++) {
            for (int column = 0; column < picture.columns(); column++) {
                int rgb =
                        picture.at(row, column, 0) << 16 | picture.at(row, column, 1) << 8 | picture.at(row, column, 2);
                image.setRGB(column, row, rgb);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
