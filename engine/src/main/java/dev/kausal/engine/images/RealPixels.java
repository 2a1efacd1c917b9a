package dev.kausal.engine.images;

import dev.kausal.engine.config.Preprocessing.Interpolation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * Pixels of a resized picture without rounding to levels, as computed by PyTorch's interpolate on real numbers with
 * {@code antialias=True}.
 *
 * @param rows rows of pixels
 * @param columns columns of pixels
 * @param levels [row, column, channel], 0 to 255, or beyond if a bicubic filter overshoots
 */
record RealPixels(int rows, int columns, float[] levels) {
    /** Custom PNG chunk that holds them: ancillary, private, not to be copied if pixels change. */
    static final String CHUNK = "kaPX";

    static RealPixels of(Picture picture, int rows, int columns, Interpolation interpolation) {
        PixelLimit.check(picture, picture.rows(), columns);
        PixelLimit.check(picture, rows, columns);
        double[] levels = new double[picture.rgb().length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = picture.rgb()[i] & 0xff;
        }
        double[] wide = resized(levels, picture.rows(), picture.columns(), columns, Picture.RGB, interpolation);
        double[] both = resized(wide, 1, picture.rows(), rows, columns * Picture.RGB, interpolation);
        float[] found = new float[both.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = (float) both[i];
        }
        return new RealPixels(rows, columns, found);
    }

    /** Resizes the middle axis of [outer, from, inner] to {@code to} entries. */
    private static double[] resized(double[] x, int outer, int from, int to, int inner, Interpolation interpolation) {
        Resizing.Shares shares = Resizing.Shares.of(from, to, interpolation);
        double[] found = new double[outer * to * inner];
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < to; i++) {
                double[] weights = shares.weights()[i];
                for (int k = 0; k < weights.length; k++) {
                    int source = (o * from + shares.first()[i] + k) * inner;
                    int target = (o * to + i) * inner;
                    for (int n = 0; n < inner; n++) {
                        found[target + n] += weights[k] * x[source + n];
                    }
                }
            }
        }
        return found;
    }

    /** Returns the nearest whole levels. */
    Picture rounded() {
        byte[] rgb = new byte[levels.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.max(0, Math.min(255, Math.round(levels[i])));
        }
        return new Picture(rows, columns, rgb);
    }

    /** Returns the content of the PNG chunk. */
    byte[] packed() {
        ByteBuffer bytes = ByteBuffer.allocate(levels.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(levels);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
            deflater.write(bytes.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Reads the chunk of a PNG with the pixels of {@code picture}. */
    static RealPixels unpacked(Path file, Picture picture, byte[] packed) {
        float[] levels = new float[picture.rgb().length];
        try (InflaterInputStream inflater = new InflaterInputStream(new ByteArrayInputStream(packed))) {
            int needed = levels.length * Float.BYTES;
            byte[] bytes = inflater.readNBytes(needed);
            if (bytes.length != needed || inflater.read() >= 0) {
                throw new PictureDamagedException(file, "its chunk " + CHUNK + " belongs to another picture");
            }
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(levels);
        } catch (IOException e) {
            throw new PictureDamagedException(file, "its chunk " + CHUNK + " cannot be decompressed");
        }
        return new RealPixels(picture.rows(), picture.columns(), levels);
    }
}
