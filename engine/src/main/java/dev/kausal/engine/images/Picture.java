package dev.kausal.engine.images;

import java.util.Arrays;

/**
 * A decoded or processed picture: 8 bits of red, green and blue. Equal to another with the same contents.
 *
 * @param rows rows of pixels
 * @param columns columns of pixels
 * @param rgb [row, column, channel], 0 to 255 as unsigned bytes
 */
public record Picture(int rows, int columns, byte[] rgb) {
    /** Number of channels. */
    static final int RGB = 3;

    public Picture {
        if (rgb.length != rows * columns * RGB) {
            throw new IllegalArgumentException(
                    rgb.length + " bytes do not make " + rows + " x " + columns + " pixels of red, green and blue");
        }
    }

    /** Returns a channel of a pixel, 0 to 255. */
    public int at(int row, int column, int channel) {
        return rgb[(row * columns + column) * RGB + channel] & 0xff;
    }

    /** Returns the picture in grey, with Pillow's weights: 0.299, 0.587 and 0.114 in 16-bit fixed point. */
    Picture grey() {
        byte[] grey = new byte[rgb.length];
        for (int at = 0; at < rgb.length; at += RGB) {
            int luma = 19595 * (rgb[at] & 0xff) + 38470 * (rgb[at + 1] & 0xff) + 7471 * (rgb[at + 2] & 0xff) + 0x8000;
            Arrays.fill(grey, at, at + RGB, (byte) (luma >> 16));
        }
        return new Picture(rows, columns, grey);
    }

    /**
     * Returns rows and columns from a corner on, padded with black outside the picture.
     *
     * @param top first row; negative for black padding
     * @param left first column; negative for black padding
     * @throws PixelLimit.Exceeded if there are more pixels than any model reads
     */
    Picture cut(int top, int left, int height, int width) {
        PixelLimit.check(this, height, width);
        byte[] cut = new byte[height * width * RGB];
        int from = Math.max(0, left);
        int kept = (int) Math.min(columns, (long) left + width) - from;
        for (int row = Math.max(0, top); row < Math.min(rows, (long) top + height) && kept > 0; row++) {
            int at = ((row - top) * width + from - left) * RGB;
            System.arraycopy(rgb, (row * columns + from) * RGB, cut, at, kept * RGB);
        }
        return new Picture(height, width, cut);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Picture o && rows == o.rows && columns == o.columns && Arrays.equals(rgb, o.rgb);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(rgb);
    }
}
