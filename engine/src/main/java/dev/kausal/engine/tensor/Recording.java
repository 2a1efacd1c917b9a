package dev.kausal.engine.tensor;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * A stretch of one thread's work whose operations the native library records, so that gradients flow back through them.
 *
 * <p>What the engine computes meanwhile leaves the operands of recorded operations as they are ({@link InPlace}), and
 * {@link Torch#inference()} does not switch recording off. DJL's {@code duplicate} and {@code toType} are not recorded:
 * gradients stop there, and {@link #copy} is what replaces the first.
 *
 * <p>What DJL makes of Java's numbers ({@code create}, and the operand of {@code mul(2f)} or {@code div(2f)}) is memory of
 * Java's, which is freed some time after its handle is closed, while the way back may still read it there: wrong gradients,
 * now and then. So such operands pass {@link #nativeCopy} or {@link #scalar} first.
 */
public final class Recording {
    private static final ThreadLocal<Boolean> ON = ThreadLocal.withInitial(() -> false);

    private Recording() {}

    /** Does {@code work} on this thread, recording it. */
    public static <T> T of(Supplier<T> work) {
        boolean before = ON.get();
        ON.set(true);
        try {
            Torch.inference();
            return work.get();
        } finally {
            ON.set(before);
            Torch.inference();
        }
    }

    /** Whether this thread's operations are recorded. */
    public static boolean on() {
        return ON.get();
    }

    /** The same numbers in memory of their own; gradients flow through while recording. */
    public static NDArray copy(NDArray x) {
        return on() ? x.mul(scalar(x, 1)) : x.duplicate();
    }

    /** A number as an operand of products and quotients with {@code x}, in native memory. */
    public static NDArray scalar(NDArray x, float value) {
        return x.getManager().full(new Shape(), value, x.getDataType());
    }

    /** An array made from Java's numbers, copied to native memory while recording. */
    public static NDArray nativeCopy(NDArray x) {
        return on() ? x.duplicate() : x;
    }

    /** A zero-filled array like {@code x} that gradients are kept for; what is added to it is followed. */
    public static NDArray probe(NDArray x) {
        NDArray zeros = x.getManager().zeros(x.getShape(), x.getDataType());
        JniUtils.attachGradient((PtNDArray) zeros, true);
        return zeros;
    }

    /** Another handle on the memory of {@code x}, which gradients are kept for. */
    public static NDArray leaf(NDArray x) {
        NDArray leaf = x.stopGradient();
        JniUtils.attachGradient((PtNDArray) leaf, true);
        return leaf;
    }

    /**
     * Sends gradients back from one number to every array that they are kept for; {@link NDArray#getGradient} has them
     * then. Frees what was recorded.
     *
     * @return false if nothing was recorded that leads to {@code number}, and nothing was done
     */
    public static boolean backward(NDArray number) {
        try (NDArray one = number.onesLike()) {
            JniUtils.backward((PtNDArray) number, (PtNDArray) one, false, false);
            return true;
        } catch (EngineException e) {
            // Asking an array without a history for it would end the process.
            if (e.getMessage() != null && e.getMessage().contains("does not require grad")) {
                return false;
            }
            throw e;
        }
    }
}
