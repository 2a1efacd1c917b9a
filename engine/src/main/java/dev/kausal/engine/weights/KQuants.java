package dev.kausal.engine.weights;

import java.util.List;

/**
 * Quantisations of 256 elements with a float16 scale of small integer scales. Layouts are those of ggml's {@code
 * block_q4_K} and so on (ggml-common.h); arithmetic is in float32, with one rounding per step.
 */
final class KQuants {
    private static final int SIZE = 256;
    private static final int GROUP = 32;

    /** Header of Q4_K and Q5_K: two float16 scales, then twelve bytes of six-bit scales and minima. */
    private static final int K_HEADER = 4 + 12;
    /** Elements of Q2_K, Q3_K and Q6_K that share a scale. */
    private static final int SMALL_GROUP = 16;

    /** Offsets in Q2_K of the quants and of the two float16 scales. */
    private static final int Q2_QUANTS = SIZE / SMALL_GROUP;

    private static final int Q2_SCALE = Q2_QUANTS + SIZE / 4;
    /** Offsets in Q3_K of the two low bits, the scales and their scale. */
    private static final int Q3_LOW = SIZE / 8;

    private static final int Q3_SCALES = Q3_LOW + SIZE / 4;
    private static final int Q3_SCALE = Q3_SCALES + 12;

    /** Offsets in Q6_K of the two high bits, the scales and their scale. */
    private static final int Q6_HIGH = SIZE / 2;

    private static final int Q6_SCALES = Q6_HIGH + SIZE / 4;
    private static final int Q6_SCALE = Q6_SCALES + SIZE / SMALL_GROUP;

    static final List<TensorFormat> ALL = List.of(
            TensorFormat.ofBlocks("Q2_K", SIZE, Q2_SCALE + 4, KQuants::q2_K),
            TensorFormat.ofBlocks("Q3_K", SIZE, Q3_SCALE + 2, KQuants::q3_K),
            TensorFormat.ofBlocks("Q4_K", SIZE, K_HEADER + SIZE / 2, KQuants::q4_K),
            TensorFormat.ofBlocks("Q5_K", SIZE, K_HEADER + GROUP + SIZE / 2, KQuants::q5_K),
            TensorFormat.ofBlocks("Q6_K", SIZE, Q6_SCALE + 2, KQuants::q6_K));

    private KQuants() {}

    /**
     * Reads the six-bit scale of group {@code g} (0-7) from the twelve bytes at {@code at}: groups 0-3 in the low six
     * bits of bytes 0-3; groups 4-7 have their low four bits in the low nibbles of bytes 8-11 and the rest in the top
     * bits of bytes 0-3.
     */
    private static int scale(byte[] in, int at, int g) {
        return g < 4 ? in[at + g] & 0x3f : (in[at + g + 4] & 0xf) | (in[at + g - 4] >> 2 & 0x30);
    }

    /**
     * Reads the six-bit minimum of group {@code g}: like the scale, but from bytes 4-7 and the high nibbles of bytes
     * 8-11.
     */
    private static int minimum(byte[] in, int at, int g) {
        return g < 4 ? in[at + 4 + g] & 0x3f : (in[at + g + 4] >> 4 & 0xf) | (in[at + g] >> 2 & 0x30);
    }

    /**
     * Decodes Q2_K: 16 bytes with a scale in the low nibble and a minimum in the high one, 64 bytes of two bits, the
     * float16 scales of both; 32 bytes hold eight groups.
     */
    private static void q2_K(byte[] in, int from, float[] out, int to) {
        float scales = Half.at(in, from + Q2_SCALE);
        float minima = Half.at(in, from + Q2_SCALE + 2);
        for (int g = 0; g < SIZE / SMALL_GROUP; g++) {
            float scale = scales * (in[from + g] & 0xf);
            float minimum = minima * (in[from + g] >> 4 & 0xf);
            int quants = from + Q2_QUANTS + g / 8 * GROUP + g % 2 * SMALL_GROUP;
            int shift = g % 8 / 2 * 2;
            for (int i = 0; i < SMALL_GROUP; i++) {
                out[to + g * SMALL_GROUP + i] = scale * (in[quants + i] >> shift & 3) - minimum;
            }
        }
    }

    /**
     * Decodes Q3_K: 32 bytes of third bits, 64 of two low bits, 12 of six-bit scales, their float16 scale. Bit
     * {@code b} of third byte {@code i} belongs to element {@code i} of the 32 at {@code 32 b}; without it, 4 is
     * subtracted.
     */
    private static void q3_K(byte[] in, int from, float[] out, int to) {
        float scales = Half.at(in, from + Q3_SCALE);
        for (int g = 0; g < SIZE / SMALL_GROUP; g++) {
            float scale = scales * q3Scale(in, from + Q3_SCALES, g);
            int third = from + g % 2 * SMALL_GROUP;
            int low = from + Q3_LOW + g / 8 * GROUP + g % 2 * SMALL_GROUP;
            int shift = g % 8 / 2 * 2;
            for (int i = 0; i < SMALL_GROUP; i++) {
                int high = (in[third + i] >> (g / 2) & 1) << 2;
                out[to + g * SMALL_GROUP + i] = scale * (((in[low + i] >> shift & 3) | high) - 4);
            }
        }
    }

    /**
     * Returns the scale of group {@code g} (0-15) of Q3_K, from -32 to 31: four low bits in the nibbles of bytes 0-7,
     * two high bits in bytes 8-11, which hold those of groups g, g + 4, g + 8 and g + 12.
     */
    private static int q3Scale(byte[] in, int at, int g) {
        int low = in[at + g % 8] >> (g / 8 * 4) & 0xf;
        int high = in[at + 8 + g % 4] >> (g / 4 * 2) & 3;
        return (low | (high << 4)) - 32;
    }

    /**
     * Decodes Q4_K: scale, scale of minima, eight six-bit pairs, then 128 bytes of nibbles; 32 bytes hold two groups.
     */
    private static void q4_K(byte[] in, int from, float[] out, int to) {
        float scales = Half.at(in, from);
        float minima = Half.at(in, from + 2);
        for (int g = 0; g < SIZE / GROUP; g++) {
            float scale = scales * scale(in, from + 4, g);
            float minimum = minima * minimum(in, from + 4, g);
            int quants = from + K_HEADER + g / 2 * GROUP;
            int shift = g % 2 * 4;
            for (int i = 0; i < GROUP; i++) {
                out[to + g * GROUP + i] = scale * (in[quants + i] >> shift & 0xf) - minimum;
            }
        }
    }

    /**
     * Decodes Q5_K: as Q4_K, with 32 bytes of fifth bits before the nibbles: bit {@code g} of byte {@code i} belongs to
     * group g.
     */
    private static void q5_K(byte[] in, int from, float[] out, int to) {
        float scales = Half.at(in, from);
        float minima = Half.at(in, from + 2);
        int fifths = from + K_HEADER;
        for (int g = 0; g < SIZE / GROUP; g++) {
            float scale = scales * scale(in, from + 4, g);
            float minimum = minima * minimum(in, from + 4, g);
            int quants = fifths + GROUP + g / 2 * GROUP;
            int shift = g % 2 * 4;
            for (int i = 0; i < GROUP; i++) {
                int high = (in[fifths + i] >> g & 1) << 4;
                out[to + g * GROUP + i] = scale * ((in[quants + i] >> shift & 0xf) | high) - minimum;
            }
        }
    }

    /** Decodes Q6_K: 128 bytes of nibbles, 64 of two high bits, 16 signed scales, the float16 scale; 32 is zero. */
    private static void q6_K(byte[] in, int from, float[] out, int to) {
        float scales = Half.at(in, from + Q6_SCALE);
        for (int g = 0; g < SIZE / GROUP; g++) {
            int half = g / 4;
            int quarter = g % 4;
            int low = from + half * 64 + quarter % 2 * GROUP;
            int high = from + Q6_HIGH + half * GROUP;
            int lowShift = quarter / 2 * 4;
            int highShift = quarter * 2;
            for (int i = 0; i < GROUP; i++) {
                float scale = scales * in[from + Q6_SCALES + 2 * g + i / 16];
                int quant = (in[low + i] >> lowShift & 0xf) | (in[high + i] >> highShift & 3) << 4;
                out[to + g * GROUP + i] = scale * (quant - 32);
            }
        }
    }
}
