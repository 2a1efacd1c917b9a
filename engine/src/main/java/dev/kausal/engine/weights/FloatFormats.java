package dev.kausal.engine.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The unquantised formats, one element a block. */
final class FloatFormats {
    static final List<TensorFormat> ALL = List.of(new F32(), new F16(), new BF16(), new F64());

    private FloatFormats() {}

    private static ByteBuffer littleEndian(byte[] in) {
        return ByteBuffer.wrap(in).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** One element of {@code blockBytes} bytes. */
    private abstract static class Plain implements TensorFormat {
        private final String dtype;
        private final int bytes;

        Plain(String dtype, int bytes) {
            this.dtype = dtype;
            this.bytes = bytes;
        }

        @Override
        public String dtype() {
            return dtype;
        }

        @Override
        public int blockSize() {
            return 1;
        }

        @Override
        public int blockBytes() {
            return bytes;
        }
    }

    static final class F32 extends Plain {
        F32() {
            super("F32", Float.BYTES);
        }

        @Override
        public void decode(byte[] in, int blocks, float[] out) {
            littleEndian(in).asFloatBuffer().get(out, 0, blocks);
        }
    }

    /** IEEE binary16. */
    static final class F16 extends Plain {
        F16() {
            super("F16", Short.BYTES);
        }

        @Override
        public void decode(byte[] in, int blocks, float[] out) {
            for (int i = 0; i < blocks; i++) {
                out[i] = Half.at(in, 2 * i);
            }
        }
    }

    /** The upper half of a binary32. */
    static final class BF16 extends Plain {
        BF16() {
            super("BF16", Short.BYTES);
        }

        @Override
        public void decode(byte[] in, int blocks, float[] out) {
            for (int i = 0; i < blocks; i++) {
                out[i] = Float.intBitsToFloat((in[2 * i] & 0xff) << 16 | in[2 * i + 1] << 24);
            }
        }
    }

    /** IEEE binary64, rounded to the nearest float32; a value beyond float32's range is reported as infinite. */
    static final class F64 extends Plain {
        F64() {
            super("F64", Double.BYTES);
        }

        @Override
        public void decode(byte[] in, int blocks, float[] out) {
            ByteBuffer from = littleEndian(in);
            for (int i = 0; i < blocks; i++) {
                out[i] = (float) from.getDouble(Double.BYTES * i);
            }
        }
    }
}
