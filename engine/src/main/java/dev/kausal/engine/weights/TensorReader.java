package dev.kausal.engine.weights;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.tensor.RawElements;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Decodes a tensor directly into the memory of a new NDArray, blocks in parallel, detecting NaN and infinity.
 *
 * <p>The array's memory is the engine's rather than Java direct buffers, which are limited to the heap size and to 2 GB
 * each.
 */
final class TensorReader {
    /** Elements decoded at a time by one thread: their bytes and floats fit in its cache. */
    static final int STEP = 1 << 13;
    /** Elements of one parallel task. */
    private static final int TASK = 1 << 18;
    /** Elements viewed at a time: their floats take less than 2 GB. */
    static final int PART = 1 << 27;

    /** Elements converted at a time by the native library: large enough for its threads, and still in the cache. */
    private static final int NATIVE_STEP = 1 << 20;

    private static final int EXPONENT = 0x7f800000;
    private static final int MAGNITUDE = 0x7fffffff;

    private final Region region;
    private final TensorFormat format;
    private final int partSize;

    TensorReader(Region region, TensorFormat format, int partSize) {
        this.region = region;
        this.format = format;
        this.partSize = partSize;
    }

    /** Number of non-finite elements, and the flat index of the first. */
    private record Found(long count, long first) {
        static final Found NONE = new Found(0, Long.MAX_VALUE);

        Found and(Found other) {
            return new Found(count + other.count, Math.min(first, other.first));
        }
    }

    /** Returns the tensor in float32, owned by {@code manager} and on its device. */
    NDArray read(NDManager manager) {
        return placed(this::onCpu, manager);
    }

    /** Returns what {@code make} makes on the CPU, owned by {@code manager} and on its device. */
    private static NDArray placed(Function<NDManager, NDArray> make, NDManager manager) {
        if (!manager.getDevice().isGpu()) {
            return make.apply(manager);
        }
        try (NDManager cpu = manager.newSubManager(Device.cpu())) {
            NDArray moved = make.apply(cpu).toDevice(manager.getDevice(), true);
            moved.attach(manager);
            return moved;
        }
    }

    /**
     * Returns rows of a matrix in float32 [row, column], owned by {@code manager} and on its device. Blocks of values
     * lie within a row in every format that has them.
     */
    NDArray rows(int[] rows, NDManager manager) {
        int width = Math.toIntExact(region.info().shape().get(1));
        float[] values = new float[Math.multiplyExact(rows.length, width)];
        float[] one = new float[width];
        byte[] raw = new byte[Math.toIntExact(TensorFormats.bytes(format, width))];
        Found found = Found.NONE;
        for (int i = 0; i < rows.length; i++) {
            region.file().read(region.offset() + TensorFormats.bytes(format, (long) rows[i] * width), raw, raw.length);
            format.decoder().decode(raw, width / format.blockSize(), one);
            if (!finite(one, width)) {
                found = found.and(nonFinite(one, width, (long) rows[i] * width));
            }
            System.arraycopy(one, 0, values, i * width, width);
        }
        if (found.count > 0) {
            throw new NonFiniteWeightsException(
                    region.file().path(),
                    region.info().name(),
                    found.count,
                    region.info().size(),
                    found.first);
        }
        // DJL's create(float[]) keeps the numbers in Java's memory, which ends with this handle: not with the last
        // view.
        return placed(
                owner -> {
                    NDArray array = owner.create(new Shape(rows.length, width), DataType.FLOAT32);
                    array.toByteBuffer(true)
                            .order(ByteOrder.nativeOrder())
                            .asFloatBuffer()
                            .put(values);
                    return array;
                },
                manager);
    }

    private NDArray onCpu(NDManager manager) {
        long size = region.info().size();
        if (size > Integer.MAX_VALUE) {
            throw region.unsupported("at most " + Integer.MAX_VALUE + " elements in a tensor", size + " elements");
        }
        long[] shape = region.info().shape().stream().mapToLong(Long::longValue).toArray();
        if (LongStream.of(shape).anyMatch(axis -> axis > Integer.MAX_VALUE)) {
            throw region.unsupported(
                    "at most " + Integer.MAX_VALUE + " along an axis",
                    "shape " + region.info().shape());
        }
        NDArray array = manager.create(new Shape(shape), DataType.FLOAT32);
        try {
            boolean converted = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                    && FloatFormats.nativeKind(format)
                            .map(kind -> convert(kind, array, size))
                            .orElse(false);
            // Java also counts the non-finite elements.
            Found found = converted ? Found.NONE : fill(array, size);
            if (found.count > 0) {
                throw new NonFiniteWeightsException(
                        region.file().path(), region.info().name(), found.count, size, found.first);
            }
            return array;
        } catch (RuntimeException e) {
            array.close();
            throw e;
        }
    }

    /** Converts the tensor natively; returns whether all elements are finite. */
    private boolean convert(RawElements.Kind kind, NDArray array, long size) {
        int step = (int) Math.max(1, Math.min(Math.min(size, partSize), NATIVE_STEP));
        try (NDManager local = array.getManager().newSubManager();
                RawElements raw = RawElements.of(kind, step, local);
                NDArray flat = array.reshape(size)) {
            boolean finite = true;
            for (long from = 0; from < size && finite; from += step) {
                int count = (int) Math.min(step, size - from);
                region.file().read(region.offset() + from * kind.bytes(), raw.bytes(count));
                try (NDArray part = flat.get(new NDIndex("{}:{}", from, from + count))) {
                    finite = raw.into(part);
                }
            }
            return finite;
        }
    }

    private Found fill(NDArray array, long size) {
        Found found = Found.NONE;
        try (NDArray flat = array.reshape(size)) {
            for (long from = 0; from < size; from += partSize) {
                long to = Math.min(size, from + partSize);
                try (NDArray part = flat.get(new NDIndex("{}:{}", from, to))) {
                    ByteBuffer memory = part.toByteBuffer(true).order(ByteOrder.nativeOrder());
                    found = found.and(decode(from, (int) (to - from), memory.asFloatBuffer()));
                }
            }
        }
        return found;
    }

    private Found decode(long start, int size, FloatBuffer out) {
        long tasks = ((long) size + TASK - 1) / TASK;
        return LongStream.range(0, tasks)
                .parallel()
                .mapToObj(task -> {
                    int from = (int) (task * TASK);
                    return decodeTask(out, start, from, Math.min(size, from + TASK));
                })
                .reduce(Found.NONE, Found::and);
    }

    private Found decodeTask(FloatBuffer out, long start, int begin, int end) {
        int step = Math.min(STEP, end - begin);
        float[] values = new float[step];
        byte[] raw = new byte[(int) TensorFormats.bytes(format, step)];
        Found found = Found.NONE;
        for (int from = begin; from < end; from += step) {
            int count = Math.min(step, end - from);
            long offset = region.offset() + TensorFormats.bytes(format, start + from);
            region.file().read(offset, raw, (int) TensorFormats.bytes(format, count));
            format.decoder().decode(raw, count / format.blockSize(), values);
            out.put(from, values, 0, count);
            if (!finite(values, count)) {
                found = found.and(nonFinite(values, count, start + from));
            }
        }
        return found;
    }

    /** Checks values by a maximum over their bits, which the JIT compiles to vector instructions. */
    private static boolean finite(float[] values, int count) {
        int largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & MAGNITUDE);
        }
        return largest < EXPONENT;
    }

    private static Found nonFinite(float[] values, int count, long start) {
        Found found = Found.NONE;
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(values[i])) {
                found = found.and(new Found(1, start + i));
            }
        }
        return found;
    }
}
