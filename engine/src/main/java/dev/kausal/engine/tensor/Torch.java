package dev.kausal.engine.tensor;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;

/**
 * The only access to the native library: disables its usage tracking before it loads, and gradients on each thread.
 *
 * <p>Every entry point of the engine calls {@link #inference()} first, because PyTorch's gradient switch is per thread.
 */
public final class Torch {
    static {
        // Read by DJL when its classes load; without them it opens sockets to cloud-metadata and tracking hosts.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private Torch() {}

    /** Disables gradients on this thread, unless inside {@link Recording#of}. */
    public static void inference() {
        manager().close(); // Loads the native library on first use.
        JniUtils.setGradMode(Recording.on());
        JniUtils.setGraphExecutorOptimize(
                false); // TorchScript's fuser: it would compile each new shape, and lose gradients.
    }

    /**
     * Returns a new root manager in host memory, for data read from files and results for callers; the caller closes
     * it.
     */
    public static NDManager manager() {
        return Unclosed.watched(Device.CPU.manager());
    }

    /**
     * Sets the number of threads that one operation may use.
     *
     * @param threads at least 1
     */
    public static void threads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        inference();
        JniUtils.setNumThreads(threads);
    }

    /** Returns the number of threads that one operation may use. */
    public static int threads() {
        inference();
        return JniUtils.getNumThreads();
    }

    /** Returns the version of the native library. */
    public static String version() {
        return Engine.getEngine("PyTorch").getVersion();
    }
}
