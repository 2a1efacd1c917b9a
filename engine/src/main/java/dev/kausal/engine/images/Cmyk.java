package dev.kausal.engine.images;

import java.awt.image.Raster;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Print JPEGs, which the JDK reads only as samples: cyan, magenta, yellow and black, stored inverted as by Adobe; the
 * first three may be YCbCr-transformed. Converted to red, green and blue by plain arithmetic, like Pillow, not by a
 * colour profile.
 */
final class Cmyk {
    private static final String NATIVE = "javax_imageio_jpeg_image_1.0";
    private static final int YCCK = 2;

    private Cmyk() {}

    /** Returns whether Adobe's segment declares the first three samples as luma and chroma. */
    static boolean transformed(ImageReader reader) throws IOException {
        IIOMetadata metadata = reader.getImageMetadata(0);
        if (metadata == null) {
            return false;
        }
        NodeList adobe = ((Element) metadata.getAsTree(NATIVE)).getElementsByTagName("app14Adobe");
        return adobe.getLength() > 0 && Integer.parseInt(((Element) adobe.item(0)).getAttribute("transform")) == YCCK;
    }

    static Picture picture(Raster raster, boolean transformed) {
        int width = raster.getWidth();
        byte[] rgb = new byte[raster.getHeight() * width * Picture.RGB];
        int[] row = new int[width * 4];
        int[] colours = new int[Picture.RGB];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                colours(row, 4 * x, transformed, colours);
                int light = row[4 * x + 3];
                for (int channel = 0; channel < Picture.RGB; channel++) {
                    int ink = 255 - colours[channel];
                    rgb[(y * width + x) * Picture.RGB + channel] = (byte) clip(light - product(ink, light));
                }
            }
        }
        return new Picture(raster.getHeight(), width, rgb);
    }

    /** Converts one pixel to inverted cyan, magenta and yellow. */
    private static void colours(int[] row, int at, boolean transformed, int[] into) {
        if (!transformed) {
            System.arraycopy(row, at, into, 0, Picture.RGB);
            return;
        }
        int luma = row[at];
        int blue = row[at + 1] - 128;
        int red = row[at + 2] - 128;
        into[0] = 255 - clip((int) Math.round(luma + 1.402 * red));
        into[1] = 255 - clip((int) Math.round(luma - 0.344136286 * blue - 0.714136286 * red));
        into[2] = 255 - clip((int) Math.round(luma + 1.772 * blue));
    }

    private static int clip(int value) {
        return Math.max(0, Math.min(255, value));
    }

    /** Returns a · b / 255, rounded. */
    private static int product(int a, int b) {
        int product = a * b + 128;
        return ((product >> 8) + product) >> 8;
    }
}
