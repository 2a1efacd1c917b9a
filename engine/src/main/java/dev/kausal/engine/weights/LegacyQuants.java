package dev.kausal.engine.weights;

import java.util.List;

/**
 * Quantisations of 32 elements with one float16 scale, and for the {@code _1} kinds a float16 minimum. Layouts are
 * those of ggml's {@code block_q4_0} and so on (ggml-common.h); arithmetic is in float32, with one rounding per step.
 */
final class LegacyQuants {
    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;

    static final List<TensorFormat> ALL = List.of(
            TensorFormat.ofBlocks("Q4_0", SIZE, 2 + HALF, LegacyQuants::q4_0),
            TensorFormat.ofBlocks("Q4_1", SIZE, 4 + HALF, LegacyQuants::q4_1),
            TensorFormat.ofBlocks("Q5_0", SIZE, 6 + HALF, LegacyQuants::q5_0),
            TensorFormat.ofBlocks("Q5_1", SIZE, 8 + HALF, LegacyQuants::q5_1),
            TensorFormat.ofBlocks("Q8_0", SIZE, 2 + SIZE, LegacyQuants::q8_0));

    private LegacyQuants() {}

    /** Decodes Q4_0: scale, then 16 bytes: low nibbles are elements 0-15, high ones 16-31; 8 is zero. */
    private static void q4_0(byte[] in, int from, float[] out, int to) {
        float scale = Half.at(in, from);
        for (int i = 0; i < HALF; i++) {
            int pair = in[from + 2 + i];
            out[to + i] = scale * ((pair & 0xf) - 8);
            out[to + HALF + i] = scale * ((pair >> 4 & 0xf) - 8);
        }
    }

    /** Decodes Q4_1: scale, minimum, then nibbles as in Q4_0. */
    private static void q4_1(byte[] in, int from, float[] out, int to) {
        float scale = Half.at(in, from);
        float minimum = Half.at(in, from + 2);
        for (int i = 0; i < HALF; i++) {
            int pair = in[from + 4 + i];
            out[to + i] = scale * (pair & 0xf) + minimum;
            out[to + HALF + i] = scale * (pair >> 4 & 0xf) + minimum;
        }
    }

    /** Reads the fifth bit of element {@code i}, bit {@code i} of the little-endian word at {@code at}, times 16. */
    private static int fifthBit(byte[] in, int at, int i) {
        return (in[at + (i >> 3)] >> (i & 7) & 1) << 4;
    }

    /** Decodes Q5_0: scale, 32 fifth bits, then nibbles as in Q4_0; 16 is zero. */
    private static void q5_0(byte[] in, int from, float[] out, int to) {
        float scale = Half.at(in, from);
        for (int i = 0; i < HALF; i++) {
            int pair = in[from + 6 + i];
            out[to + i] = scale * (((pair & 0xf) | fifthBit(in, from + 2, i)) - 16);
            out[to + HALF + i] = scale * (((pair >> 4 & 0xf) | fifthBit(in, from + 2, HALF + i)) - 16);
        }
    }

    /** Decodes Q5_1: scale, minimum, 32 fifth bits, then nibbles as in Q4_0. */
    private static void q5_1(byte[] in, int from, float[] out, int to) {
        float scale = Half.at(in, from);
        float minimum = Half.at(in, from + 2);
        for (int i = 0; i < HALF; i++) {
            int pair = in[from + 8 + i];
            out[to + i] = scale * ((pair & 0xf) | fifthBit(in, from + 4, i)) + minimum;
            out[to + HALF + i] = scale * ((pair >> 4 & 0xf) | fifthBit(in, from + 4, HALF + i)) + minimum;
        }
    }

    /** Decodes Q8_0: scale, then 32 signed bytes. */
    private static void q8_0(byte[] in, int from, float[] out, int to) {
        float scale = Half.at(in, from);
        for (int i = 0; i < SIZE; i++) {
            out[to + i] = scale * in[from + 2 + i];
        }
    }
}
