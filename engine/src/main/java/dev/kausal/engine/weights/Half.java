package dev.kausal.engine.weights;

/** Conversion of IEEE binary16 to float32, by a table of all 65,536 values (256 KB), and back. */
final class Half {
    private static final float[] VALUES = new float[1 << 16];
    private static final float SMALLEST = 0x1p-24f;

    static {
        for (int bits = 0; bits < VALUES.length; bits++) {
            VALUES[bits] = widen(bits);
        }
    }

    private Half() {}

    /** Returns the value of the two little-endian bytes at {@code at}. */
    static float at(byte[] in, int at) {
        return VALUES[(in[at] & 0xff) | (in[at + 1] & 0xff) << 8];
    }

    private static float widen(int bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float magnitude = fraction * SMALLEST;
            return Float.intBitsToFloat(sign | Float.floatToRawIntBits(magnitude));
        }
        // A half's exponent bias is 15 and a float's 127; all ones means infinity or NaN in both.
        int widened = exponent == 0x1f ? 0xff : exponent + 127 - 15;
        return Float.intBitsToFloat(sign | widened << 23 | fraction << 13);
    }

    /** Returns the nearest half, ties to even; infinity beyond the largest half. */
    static short narrow(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= 0x477ff000) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x38800000) {
            // Below the smallest normal half: a multiple of the smallest subnormal.
            return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) / SMALLEST));
        }
        int rounded = magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1);
        return (short) (sign | rounded >> 13);
    }
}
