package dev.kausal.engine.images;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * The JDK's decoders and libwebp, for rows of samples. Colours are converted here: the JDK's conversion goes through
 * colour spaces, which changes grey.
 */
enum Decoder {
    PNG("png"),
    JPEG("jpeg"),
    GIF("gif"),
    BMP("bmp"),
    TIFF("tiff"),
    /** libwebp, as in Pillow. */
    WEBP("webp");

    static {
        // Without this, some systems initialise a display for a decoder.
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
    }

    private static final String NOT_DECODED = "its pixels cannot be decoded";

    private final String format;

    Decoder(String format) {
        this.format = format;
    }

    Picture decode(Path file, byte[] bytes) {
        return decode(file, bytes, Optional.empty());
    }

    /** Decodes a picture; {@code palette} is [red, green or blue][index] if it differs from the decoder's own. */
    Picture decode(Path file, byte[] bytes, Optional<byte[][]> palette) {
        ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
        List<String> warnings = new ArrayList<>();
        try (MemoryCacheImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(stream, true, true);
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            int columns = reader.getWidth(0);
            int rows = reader.getHeight(0);
            if ((long) rows * columns > PictureFile.MOST_PIXELS) {
                throw new PictureTooLargeException(file, rows, columns, PictureFile.MOST_PIXELS);
            }
            Picture picture = samples(reader, palette);
            // The JPEG decoder fills missing parts with grey and only warns.
            warnings.stream()
                    .filter(warning -> warning.contains("Premature end") || warning.contains("Truncated"))
                    .findFirst()
                    .ifPresent(warning -> {
                        throw new PictureDamagedException(file, "it ends in the middle of its pixels");
                    });
            return picture;
        } catch (IIOException e) {
            throw e.getMessage() != null && e.getMessage().startsWith("Unsupported")
                    ? new PictureUnsupportedException(file, e.getMessage())
                    : new PictureDamagedException(file, reason(e));
        } catch (PictureException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Decoders throw arbitrary exceptions for some kinds of damage.
            throw new PictureDamagedException(file, reason(e));
        } catch (OutOfMemoryError e) {
            // Java's own has a message. The WebP decoder reports some damages as one without.
            if (e.getMessage() != null) {
                throw e;
            }
            throw new PictureDamagedException(file, NOT_DECODED);
        } finally {
            reader.dispose();
        }
    }

    private static String reason(Exception e) {
        Throwable inner = e.getCause() == null ? e : e.getCause();
        boolean ofCode = inner instanceof NullPointerException || inner instanceof ClassCastException;
        return ofCode || inner.getMessage() == null ? NOT_DECODED : inner.getMessage();
    }

    private Picture samples(ImageReader reader, Optional<byte[][]> palette) throws IOException {
        if (this == JPEG && bands(reader) == 4) {
            return Cmyk.picture(reader.readRaster(0, null), Cmyk.transformed(reader));
        }
        BufferedImage image = reader.read(0);
        Raster raster = image.getRaster();
        if (palette.isPresent()) {
            byte[][] colours = palette.get();
            return looked(
                    raster, new IndexColorModel(Byte.SIZE, colours[0].length, colours[0], colours[1], colours[2]));
        }
        if (image.getColorModel() instanceof IndexColorModel own) {
            return looked(raster, own);
        }
        return spread(raster, image.getColorModel().getComponentSize(0));
    }

    /**
     * Returns the number of samples per pixel, also for colours that the JDK cannot convert and lists no image types
     * for.
     */
    private static int bands(ImageReader reader) throws IOException {
        try {
            return reader.getImageTypes(0).hasNext()
                    ? reader.getImageTypes(0).next().getNumBands()
                    : 4;
        } catch (IIOException e) {
            return 4;
        }
    }

    private static Picture looked(Raster raster, IndexColorModel palette) {
        byte[] rgb = new byte[raster.getHeight() * raster.getWidth() * Picture.RGB];
        int at = 0;
        int[] row = new int[raster.getWidth()];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, row.length, 1, 0, row);
            for (int index : row) {
                rgb[at++] = (byte) palette.getRed(index);
                rgb[at++] = (byte) palette.getGreen(index);
                rgb[at++] = (byte) palette.getBlue(index);
            }
        }
        return new Picture(raster.getHeight(), raster.getWidth(), rgb);
    }

    /** Expands grey, grey with alpha, colour and colour with alpha, of 1 to 16 bits. */
    private static Picture spread(Raster raster, int bits) {
        int bands = raster.getNumBands();
        int width = raster.getWidth();
        byte[] rgb = new byte[raster.getHeight() * width * Picture.RGB];
        int[] row = new int[width * bands];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                for (int channel = 0; channel < Picture.RGB; channel++) {
                    int sample = row[x * bands + (bands < Picture.RGB ? 0 : channel)];
                    rgb[(y * width + x) * Picture.RGB + channel] = (byte) eight(sample, bits);
                }
            }
        }
        return new Picture(raster.getHeight(), width, rgb);
    }

    /** Converts a sample of this many bits to eight. */
    private static int eight(int sample, int bits) {
        return bits >= 8 ? sample >> (bits - 8) : sample * 255 / ((1 << bits) - 1);
    }
}
