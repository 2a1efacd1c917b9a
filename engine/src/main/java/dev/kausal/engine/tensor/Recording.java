package dev.kausal.engine.tensor;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * A section of one thread's work whose operations the native library records, so that gradients flow back through them.
 *
 * <p>Meanwhile the engine leaves operands of recorded operations unchanged ({@link InPlace}), and {@link
 * Torch#inference()} does not switch recording off. DJL's {@code duplicate} and {@code toType} are not recorded:
 * gradients stop there; use {@link #copy} in place of the first.
 *
 * <p>Arrays that DJL makes from Java numbers ({@code create}, and the operand of {@code mul(2f)} or {@code div(2f)})
 * are Java memory, freed some time after their handle is closed, while the backward pass may still read them:
 * occasionally wrong gradients. Such operands must pass {@link #nativeCopy} or {@link #scalar} first.
 */
public final class Recording {
    private static final ThreadLocal<Boolean> ON = ThreadLocal.withInitial(() -> false);

    private Recording() {}

    /** Runs {@code work} on this thread and records it. */
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

    /** Returns whether this thread's operations are recorded. */
    public static boolean on() {
        return ON.get();
    }

    /** Returns a copy; gradients flow through it while recording. */
    public static NDArray copy(NDArray x) {
        return on() ? x.mul(scalar(x, 1)) : x.duplicate();
    }

    /** Returns a number as an operand for products and quotients with {@code x}, in native memory. */
    public static NDArray scalar(NDArray x, float value) {
        return x.getManager().full(new Shape(), value, x.getDataType());
    }

    /** Returns an array made from Java numbers, copied to native memory while recording. */
    public static NDArray nativeCopy(NDArray x) {
        return on() ? x.duplicate() : x;
    }

    /** Returns a zero-filled array like {@code x} that keeps gradients, to be added to an activation. */
    public static NDArray probe(NDArray x) {
        NDArray zeros = x.getManager().zeros(x.getShape(), x.getDataType());
        JniUtils.attachGradient((PtNDArray) zeros, true);
        return zeros;
    }

    /** Returns another handle on the memory of {@code x} that keeps gradients. */
    public static NDArray leaf(NDArray x) {
        NDArray leaf = x.stopGradient();
        JniUtils.attachGradient((PtNDArray) leaf, true);
        return leaf;
    }

    /**
     * Propagates gradients back from one number to every array that keeps them, to be read with {@link
     * NDArray#getGradient}. Frees the recording.
     *
     * @return false, without effect, if nothing recorded leads to {@code number}
     */
    public static boolean backward(NDArray number) {
        return backward(number, false);
    }

    /**
     * Propagates gradients back as {@link #backward(NDArray)} does; they are added to those that arrays keep from earlier calls.
     *
     * @param again whether the recording is kept for further calls
     */
    public static boolean backward(NDArray number, boolean again) {
        try (NDArray one = number.onesLike()) {
            return backward(number, one, again);
        }
    }

    /**
     * Propagates the gradient of a number with respect to an array further back; see {@link #backward(NDArray)}.
     *
     * @param gradient shaped as {@code array}
     */
    public static boolean backward(NDArray array, NDArray gradient) {
        return backward(array, gradient, false);
    }

    private static boolean backward(NDArray array, NDArray gradient, boolean again) {
        try {
            JniUtils.backward((PtNDArray) array, (PtNDArray) gradient, again, false);
            return true;
        } catch (EngineException e) {
            // Calling backward on an array without a history would end the process.
            if (e.getMessage() != null && e.getMessage().contains("does not require grad")) {
                return false;
            }
            throw e;
        }
    }
}
