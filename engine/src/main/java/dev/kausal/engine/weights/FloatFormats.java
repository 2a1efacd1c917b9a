package dev.kausal.engine.weights;

import dev.kausal.engine.tensor.RawElements;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The unquantised formats, with one-element blocks. */
final class FloatFormats {
    static final List<TensorFormat> ALL = List.of(
            TensorFormat.ofElements("F32", Float.BYTES, FloatFormats::float32),
            TensorFormat.ofElements("F16", Short.BYTES, FloatFormats::float16),
            TensorFormat.ofElements("BF16", Short.BYTES, FloatFormats::bfloat16),
            TensorFormat.ofElements("F64", Double.BYTES, FloatFormats::float64));

    private static final Map<String, RawElements.Kind> NATIVE =
            Map.of("F32", RawElements.Kind.FLOAT32, "F16", RawElements.Kind.FLOAT16, "BF16", RawElements.Kind.BFLOAT16);

    private FloatFormats() {}

    /** Returns how the native library converts a format; empty if only Java does. */
    static Optional<RawElements.Kind> nativeKind(TensorFormat format) {
        return Optional.ofNullable(NATIVE.get(format.dtype()));
    }

    private static ByteBuffer littleEndian(byte[] in) {
        return ByteBuffer.wrap(in).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void float32(byte[] in, int count, float[] out) {
        littleEndian(in).asFloatBuffer().get(out, 0, count);
    }

    /** Decodes IEEE binary16. */
    private static void float16(byte[] in, int count, float[] out) {
        for (int i = 0; i < count; i++) {
            out[i] = Half.at(in, 2 * i);
        }
    }

    /** Decodes the upper half of a binary32. */
    private static void bfloat16(byte[] in, int count, float[] out) {
        for (int i = 0; i < count; i++) {
            out[i] = Float.intBitsToFloat((in[2 * i] & 0xff) << 16 | in[2 * i + 1] << 24);
        }
    }

    /**
     * Decodes IEEE binary64, rounded to the nearest float32; a value beyond float32's range is reported as infinite.
     */
    private static void float64(byte[] in, int count, float[] out) {
        ByteBuffer from = littleEndian(in);
        for (int i = 0; i < count; i++) {
            out[i] = (float) from.getDouble(Double.BYTES * i);
        }
    }
}
