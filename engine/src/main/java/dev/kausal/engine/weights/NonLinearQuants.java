package dev.kausal.engine.weights;

import java.util.List;

/**
 * Quantisations whose four bits choose one of 16 unevenly spaced values. Layouts and values are those of ggml's {@code
 * block_iq4_nl} and {@code block_iq4_xs} (ggml-common.h); arithmetic is in float32, with one rounding per step.
 */
final class NonLinearQuants {
    private static final int GROUP = 32;
    private static final int HALF = GROUP / 2;
    private static final int SIZE = 256;

    /** Header of IQ4_XS: a float16 scale, two bytes of two high bits and four bytes of four low bits of the scales. */
    private static final int XS_HEADER = 2 + 2 + SIZE / GROUP / 2;

    /** The values that four bits stand for. */
    private static final int[] VALUES = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    static final List<TensorFormat> ALL = List.of(
            TensorFormat.ofBlocks("IQ4_NL", GROUP, 2 + HALF, NonLinearQuants::iq4Nl),
            TensorFormat.ofBlocks("IQ4_XS", SIZE, XS_HEADER + SIZE / 2, NonLinearQuants::iq4Xs));

    private NonLinearQuants() {}

    /** Decodes IQ4_NL: scale, then 16 bytes: low nibbles are elements 0-15, high ones 16-31. */
    private static void iq4Nl(byte[] in, int from, float[] out, int to) {
        group(Half.at(in, from), in, from + 2, out, to);
    }

    /** Decodes IQ4_XS: eight groups as in IQ4_NL, each with a six-bit scale; 32 is zero. */
    private static void iq4Xs(byte[] in, int from, float[] out, int to) {
        float scales = Half.at(in, from);
        for (int g = 0; g < SIZE / GROUP; g++) {
            int low = in[from + 4 + g / 2] >> (g % 2 * 4) & 0xf;
            int high = in[from + 2 + g / 4] >> (g % 4 * 2) & 3;
            float scale = scales * ((low | (high << 4)) - 32);
            group(scale, in, from + XS_HEADER + g * HALF, out, to + g * GROUP);
        }
    }

    private static void group(float scale, byte[] in, int quants, float[] out, int to) {
        for (int i = 0; i < HALF; i++) {
            int pair = in[quants + i];
            out[to + i] = scale * VALUES[pair & 0xf];
            out[to + HALF + i] = scale * VALUES[pair >> 4 & 0xf];
        }
    }
}
