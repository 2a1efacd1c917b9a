package dev.kausal.engine.weights;

import java.util.List;

/**
 * The quantisations of 32 elements with one float16 scale, and for the {@code _1} kinds a float16 minimum. Layouts are
 * those of ggml's {@code block_q4_0} and so on (ggml-common.h); arithmetic is in float32, one rounding a step.
 */
final class LegacyQuants {
    static final List<TensorFormat> ALL = List.of(new Q4_0(), new Q4_1(), new Q5_0(), new Q5_1(), new Q8_0());

    private static final int SIZE = 32;
    private static final int HALF = SIZE / 2;

    private LegacyQuants() {}

    /** Walks the blocks. */
    private abstract static class Block32 implements TensorFormat {
        private final String dtype;
        private final int bytes;

        Block32(String dtype, int bytes) {
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
    }

    /** Scale, then 16 bytes: low nibbles are elements 0-15, high ones 16-31; 8 is zero. */
    static final class Q4_0 extends Block32 {
        Q4_0() {
            super("Q4_0", 2 + HALF);
        }

        @Override
        public void decode(byte[] in, int blocks, float[] out) {
            for (int b = 0; b < blocks; b++) {
                int from = b * blockBytes();
                int to = b * SIZE;
                float scale = Half.at(in, from);
                for (int i = 0; i < HALF; i++) {
                    int pair = in[from + 2 + i];
                    out[to + i] = scale * ((pair & 0xf) - 8);
                    out[to + HALF + i] = scale * ((pair >> 4 & 0xf) - 8);
                }
            }
        }
    }

    /** Scale, minimum, then nibbles as in Q4_0. */
    static final class Q4_1 extends Block32 {
        Q4_1() {
            super("Q4_1", 4 + HALF);
        }

        @Override
        public void decode(byte[] in, int blocks, float[] out) {
            for (int b = 0; b < blocks; b++) {
                int from = b * blockBytes();
                int to = b * SIZE;
                float scale = Half.at(in, from);
                float minimum = Half.at(in, from + 2);
                for (int i = 0; i < HALF; i++) {
                    int pair = in[from + 4 + i];
                    out[to + i] = scale * (pair & 0xf) + minimum;
                    out[to + HALF + i] = scale * (pair >> 4 & 0xf) + minimum;
                }
            }
        }
    }

    /** The fifth bit of element {@code i} is bit {@code i} of the little-endian word at {@code at}, here times 16. */
    private static int fifthBit(byte[] in, int at, int i) {
        return (in[at + (i >> 3)] >> (i & 7) & 1) << 4;
    }

    /** Scale, 32 fifth bits, then nibbles as in Q4_0; 16 is zero. */
    static final class Q5_0 extends Block32 {
        Q5_0() {
            super("Q5_0", 6 + HALF);
        }

        @Override
        public void decode(byte[] in, int blocks, float[] out) {
            for (int b = 0; b < blocks; b++) {
                int from = b * blockBytes();
                int to = b * SIZE;
                float scale = Half.at(in, from);
                for (int i = 0; i < HALF; i++) {
                    int pair = in[from + 6 + i];
                    out[to + i] = scale * ((pair & 0xf | fifthBit(in, from + 2, i)) - 16);
                    out[to + HALF + i] = scale * ((pair >> 4 & 0xf | fifthBit(in, from + 2, HALF + i)) - 16);
                }
            }
        }
    }

    /** Scale, minimum, 32 fifth bits, then nibbles as in Q4_0. */
    static final class Q5_1 extends Block32 {
        Q5_1() {
            super("Q5_1", 8 + HALF);
        }

        @Override
        public void decode(byte[] in, int blocks, float[] out) {
            for (int b = 0; b < blocks; b++) {
                int from = b * blockBytes();
                int to = b * SIZE;
                float scale = Half.at(in, from);
                float minimum = Half.at(in, from + 2);
                for (int i = 0; i < HALF; i++) {
                    int pair = in[from + 8 + i];
                    out[to + i] = scale * (pair & 0xf | fifthBit(in, from + 4, i)) + minimum;
                    out[to + HALF + i] = scale * (pair >> 4 & 0xf | fifthBit(in, from + 4, HALF + i)) + minimum;
                }
            }
        }
    }

    /** Scale, then 32 signed bytes. */
    static final class Q8_0 extends Block32 {
        Q8_0() {
            super("Q8_0", 2 + SIZE);
        }

        @Override
        public void decode(byte[] in, int blocks, float[] out) {
            for (int b = 0; b < blocks; b++) {
                int from = b * blockBytes();
                float scale = Half.at(in, from);
                for (int i = 0; i < SIZE; i++) {
                    out[b * SIZE + i] = scale * in[from + 2 + i];
                }
            }
        }
    }
}
