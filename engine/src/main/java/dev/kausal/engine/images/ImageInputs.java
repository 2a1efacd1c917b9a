package dev.kausal.engine.images;

import dev.kausal.engine.model.Input;
import dev.kausal.engine.model.ModelConfig;
import dev.kausal.engine.model.Preprocessing;
import dev.kausal.engine.model.Preprocessing.Resize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * Makes a model's inputs of pictures, as its checkpoint's preprocessing says: resized, cropped about the centre, scaled
 * and normalised; a model of one channel reads, and shows, shades of grey.
 *
 * <p>Equal to Hugging Face's processors on Pillow and to timm's transforms, resizing to the bit; their processors on
 * torchvision's tensors round otherwise, by up to two of 255 levels.
 */
public final class ImageInputs {
    private final ModelConfig config;
    private final Preprocessing preprocessing;

    /** Inputs for models of this config. */
    public ImageInputs(ModelConfig config, Preprocessing preprocessing) {
        this.config = config;
        this.preprocessing = preprocessing;
    }

    /**
     * A picture as a model sees it.
     *
     * @param input what the model reads
     * @param picture resized and cropped, not yet normalised: one pixel for each of the input's
     */
    public record Seen(Input input, Picture picture) {
        /** {@link #picture} as a PNG file. */
        public byte[] png() {
            return ImageInputs.png(picture);
        }
    }

    /**
     * Reads a PNG, JPEG, GIF or BMP file.
     *
     * @throws PictureException where it is none that can be decoded
     * @throws dev.kausal.engine.model.ImageMismatchException where the result cannot be cut into the model's patches
     */
    public Seen read(Path file) {
        return of(PictureFile.read(file));
    }

    /** Of a decoded picture. */
    public Seen of(Picture picture) {
        return ofSeen(cropped(resized(preprocessing.mean().size() == 1 ? picture.grey() : picture)));
    }

    /**
     * Of what {@link Seen#picture} was once: resized and cropped already. Gives the same input again, to the bit.
     *
     * @throws dev.kausal.engine.model.ImageMismatchException where it cannot be cut into the model's patches
     */
    public Seen ofSeen(Picture seen) {
        return new Seen(config.image(normalised(seen), seen.rows(), seen.columns()), seen);
    }

    private Picture resized(Picture picture) {
        Optional<Resize> resize = preprocessing.resize();
        if (resize.isEmpty()) {
            return picture;
        }
        if (resize.get() instanceof Resize.Stretch stretch) {
            return Resizing.of(picture, stretch.to().rows(), stretch.to().columns(), stretch.interpolation());
        }
        if (resize.get() instanceof Resize.Cover cover) {
            double smaller = Math.min(
                    (double) picture.rows() / cover.size().rows(),
                    (double) picture.columns() / cover.size().columns());
            int rows = (int) Math.rint(picture.rows() / smaller);
            return Resizing.of(picture, rows, (int) Math.rint(picture.columns() / smaller), cover.interpolation());
        }
        Resize.ShorterSide shorter = (Resize.ShorterSide) resize.get();
        boolean upright = picture.columns() <= picture.rows();
        int pixels = shorter.pixels();
        int longer = upright
                ? longer(pixels, picture.rows(), picture.columns())
                : longer(pixels, picture.columns(), picture.rows());
        return Resizing.of(picture, upright ? longer : pixels, upright ? pixels : longer, shorter.interpolation());
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

    /** [channel, row, column]; of a grey picture, the three colours are one. */
    private float[] normalised(Picture picture) {
        List<Double> mean = preprocessing.mean();
        int pixels = picture.rows() * picture.columns();
        float[] values = new float[mean.size() * pixels];
        for (int channel = 0; channel < mean.size(); channel++) {
            double taken = mean.get(channel);
            double divisor = preprocessing.deviation().get(channel);
            for (int pixel = 0; pixel < pixels; pixel++) {
                int level = picture.rgb()[pixel * Picture.RGB + channel] & 0xff;
                values[channel * pixels + pixel] = (float) ((level * preprocessing.scale() - taken) / divisor);
            }
        }
        return values;
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
