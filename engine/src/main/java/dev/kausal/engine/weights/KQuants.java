package dev.kausal.engine.weights;

import java.util.List;

/**
 * The quantisations of 256 elements with a float16 scale of small integer scales. Layouts are those of ggml's {@code
 * block_q4_K} and so on (ggml-common.h); arithmetic is in float32, one rounding a step.
 */
final class KQuants {
    static final List<TensorFormat> ALL = List.of(new Q4_K(), new Q5_K(), new Q6_K());

    private static final int SIZE = 256;
    private static final int GROUP = 32;
    private static final int SCALE_BYTES = 12;

    private KQuants() {}

    /** Walks the blocks. */
    private abstract static class Block256 implements TensorFormat {
        private final String dtype;
        private final int bytes;

        Block256(String dtype, int bytes) {
            this.dtype = dtype;
            this.bytes = bytes;
        }

        @Override
        public String dtype() {
            return dtype;
        }

        @Override
        public int blockSize() {
            return SIZE;
        }

        @Override
        public int blockBytes() {
            return bytes;
        }

        @Override
        public void decode(byte[] in, int blocks, float[] out) {
            for (int b = 0; b < blocks; b++) {
                block(in, b * bytes, out, b * SIZE);
            }
        }

        abstract void block(byte[] in, int from, float[] out, int to);
    }

    /**
     * Six-bit scale of group {@code g} (0-7) from the twelve bytes at {@code at}: groups 0-3 in the low six bits of
     * bytes 0-3; groups 4-7 have their low four bits in the low nibbles of bytes 8-11 and the rest atop bytes 0-3.
     */
    private static int scale(byte[] in, int at, int g) {
        return g < 4 ? in[at + g] & 0x3f : in[at + g + 4] & 0xf | in[at + g - 4] >> 2 & 0x30;
    }

    /** Six-bit minimum of group {@code g}: like the scale, but of bytes 4-7 and the high nibbles of bytes 8-11. */
    private static int minimum(byte[] in, int at, int g) {
        return g < 4 ? in[at + 4 + g] & 0x3f : in[at + g + 4] >> 4 & 0xf | in[at + g] >> 2 & 0x30;
    }

    /** Scale, scale of minima, eight six-bit pairs, then 128 bytes of nibbles: 32 bytes hold two groups. */
    static final class Q4_K extends Block256 {
        private static final int QUANTS = 4 + SCALE_BYTES;

        Q4_K() {
            super("Q4_K", QUANTS + SIZE / 2);
        }

        @Override
        void block(byte[] in, int from, float[] out, int to) {
            float scales = Half.at(in, from);
            float minima = Half.at(in, from + 2);
            for (int g = 0; g < SIZE / GROUP; g++) {
                float scale = scales * scale(in, from + 4, g);
                float minimum = minima * minimum(in, from + 4, g);
                int quants = from + QUANTS + g / 2 * GROUP;
                int shift = g % 2 * 4;
                for (int i = 0; i < GROUP; i++) {
                    out[to + g * GROUP + i] = scale * (in[quants + i] >> shift & 0xf) - minimum;
                }
            }
        }
    }

    /** As Q4_K, with 32 bytes of fifth bits before the nibbles: bit {@code g} of byte {@code i} is group g's. */
    static final class Q5_K extends Block256 {
        private static final int HIGH = 4 + SCALE_BYTES;
        private static final int QUANTS = HIGH + GROUP;

        Q5_K() {
            super("Q5_K", QUANTS + SIZE / 2);
        }

        @Override
        void block(byte[] in, int from, float[] out, int to) {
            float scales = Half.at(in, from);
            float minima = Half.at(in, from + 2);
            for (int g = 0; g < SIZE / GROUP; g++) {
                float scale = scales * scale(in, from + 4, g);
                float minimum = minima * minimum(in, from + 4, g);
                int quants = from + QUANTS + g / 2 * GROUP;
                int shift = g % 2 * 4;
                for (int i = 0; i < GROUP; i++) {
                    int high = (in[from + HIGH + i] >> g & 1) << 4;
                    out[to + g * GROUP + i] = scale * (in[quants + i] >> shift & 0xf | high) - minimum;
                }
            }
        }
    }

    /** 128 bytes of nibbles, 64 of two high bits, 16 signed scales, the float16 scale; 32 is zero. */
    static final class Q6_K extends Block256 {
        private static final int HIGH = SIZE / 2;
        private static final int SCALES = HIGH + SIZE / 4;
        private static final int SCALE = SCALES + SIZE / 16;

        Q6_K() {
            super("Q6_K", SCALE + 2);
        }

        @Override
        void block(byte[] in, int from, float[] out, int to) {
            float scales = Half.at(in, from + SCALE);
            for (int g = 0; g < SIZE / GROUP; g++) {
                int half = g / 4;
                int quarter = g % 4;
                int low = from + half * 64 + quarter % 2 * GROUP;
                int high = from + HIGH + half * GROUP;
                int lowShift = quarter / 2 * 4;
                int highShift = quarter * 2;
                for (int i = 0; i < GROUP; i++) {
                    float scale = scales * in[from + SCALES + 2 * g + i / 16];
                    int quant = in[low + i] >> lowShift & 0xf | (in[high + i] >> highShift & 3) << 4;
                    out[to + g * GROUP + i] = scale * (quant - 32);
                }
            }
        }
    }
}
