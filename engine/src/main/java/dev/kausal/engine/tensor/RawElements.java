package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Native memory for elements in a file's own number format, which the native library converts to float32: about ten
 * times as fast as Java code that is not compiled for vectors.
 */
public final class RawElements implements AutoCloseable {
    private static final String CODE = """
            class Ops(Module):
              __parameters__ = []
              __buffers__ = []
              def empty_bfloat16(self: __torch__.Ops, size: int) -> Tensor:
                return torch.empty([size], dtype=15, layout=None, device=None, pin_memory=None, memory_format=None)
              def convert(self: __torch__.Ops, raw: Tensor, out: Tensor) -> bool:
                _0 = torch.copy_(out, torch.narrow(raw, 0, 0, torch.size(out, 0)), False)
                least, largest = torch.aminmax(out, dim=None, keepdim=False)
                finite = torch.logical_and(torch.isfinite(least), torch.isfinite(largest))
                return bool(finite)
            """;

    /** Number formats that the native library reads. */
    public enum Kind {
        /** IEEE binary32. */
        FLOAT32(Float.BYTES),
        /** IEEE binary16. */
        FLOAT16(Short.BYTES),
        /** The upper half of a binary32. */
        BFLOAT16(Short.BYTES);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }

        /** Returns the bytes of one element. */
        public int bytes() {
            return bytes;
        }
    }

    private static final class Module {
        static final PtNDManager MANAGER = (PtNDManager) NDManager.newBaseManager(ai.djl.Device.cpu(), "PyTorch");
        static final PtSymbolBlock OPS = Fused.module(MANAGER, CODE);
    }

    private final Kind kind;
    private final PtNDArray elements;
    private final ByteBuffer bytes;

    private RawElements(Kind kind, PtNDArray elements) {
        this.kind = kind;
        this.elements = elements;
        this.bytes = elements.toByteBuffer(true).order(ByteOrder.nativeOrder());
    }

    /**
     * Returns memory for {@code capacity} elements.
     *
     * @param manager owner, in host memory
     */
    public static RawElements of(Kind kind, int capacity, NDManager manager) {
        return new RawElements(
                kind,
                switch (kind) {
                    case FLOAT32 -> (PtNDArray) manager.create(new Shape(capacity), DataType.FLOAT32);
                    case FLOAT16 -> (PtNDArray) manager.create(new Shape(capacity), DataType.FLOAT16);
                    case BFLOAT16 -> bfloat16(capacity, (PtNDManager) manager);
                });
    }

    private static PtNDArray bfloat16(int capacity, PtNDManager manager) {
        try (IValue size = IValue.from(capacity);
                IValue made = IValueUtils.runMethod(Module.OPS, "empty_bfloat16", size)) {
            return made.toTensor(manager);
        }
    }

    /** Returns the memory of the first {@code count} elements, little-endian, to be filled. */
    public ByteBuffer bytes(int count) {
        return bytes.clear().limit(count * kind.bytes());
    }

    /**
     * Converts the first elements to float32, as many as {@code out} [element] has, in host memory.
     *
     * @return whether all of them are finite
     */
    public boolean into(NDArray out) {
        try (IValue from = IValue.from(elements);
                IValue to = IValue.from((PtNDArray) out);
                IValue finite = IValueUtils.runMethod(Module.OPS, "convert", from, to)) {
            return finite.toBoolean();
        }
    }

    @Override
    public void close() {
        elements.close();
    }
}
