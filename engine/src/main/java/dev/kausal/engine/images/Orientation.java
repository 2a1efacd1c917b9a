package dev.kausal.engine.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Camera orientation, the eight values of EXIF's tag 0x0112: how to turn the stored picture upright.
 */
enum Orientation {
    UPRIGHT(false, false, false),
    MIRRORED(false, false, true),
    UPSIDE_DOWN(false, true, true),
    FLIPPED(false, true, false),
    TRANSPOSED(true, false, false),
    TURNED_RIGHT(true, false, true),
    TRANSVERSE(true, true, true),
    TURNED_LEFT(true, true, false);

    private static final int TAG = 0x0112;
    private static final int SHORT = 3;
    private final boolean swaps;
    private final boolean flipsRows;
    private final boolean flipsColumns;

    /** Creates an orientation. First rows and columns are swapped, then the new rows and columns reversed. */
    Orientation(boolean swaps, boolean flipsRows, boolean flipsColumns) {
        this.swaps = swaps;
        this.flipsRows = flipsRows;
        this.flipsColumns = flipsColumns;
    }

    /** Reads an EXIF block, which is TIFF; upright if it is unspecified or unreadable. */
    static Orientation of(byte[] exif) {
        if (exif.length < 8) {
            return UPRIGHT;
        }
        ByteBuffer tiff = ByteBuffer.wrap(exif);
        if (exif[0] == 'I') {
            tiff.order(ByteOrder.LITTLE_ENDIAN);
        }
        long first = tiff.getInt(4) & 0xffffffffL;
        if (first + 2 > exif.length) {
            return UPRIGHT;
        }
        int entries = tiff.getShort((int) first) & 0xffff;
        for (int i = 0; i < entries && first + 2 + 12L * (i + 1) <= exif.length; i++) {
            int at = (int) first + 2 + 12 * i;
            if ((tiff.getShort(at) & 0xffff) == TAG && tiff.getShort(at + 2) == SHORT) {
                int value = tiff.getShort(at + 8) & 0xffff;
                return value >= 1 && value <= values().length ? values()[value - 1] : UPRIGHT;
            }
        }
        return UPRIGHT;
    }

    /** Returns the picture turned upright. */
    Picture rotated(Picture stored) {
        if (this == UPRIGHT) {
            return stored;
        }
        int rows = swaps ? stored.columns() : stored.rows();
        int columns = swaps ? stored.rows() : stored.columns();
        byte[] rotated = new byte[stored.rgb().length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int down = flipsRows ? rows - 1 - row : row;
                int across = flipsColumns ? columns - 1 - column : column;
                int from = swaps ? across * stored.columns() + down : down * stored.columns() + across;
                System.arraycopy(
                        stored.rgb(), from * Picture.RGB, rotated, (row * columns + column) * Picture.RGB, Picture.RGB);
            }
        }
        return new Picture(rows, columns, rotated);
    }
}
