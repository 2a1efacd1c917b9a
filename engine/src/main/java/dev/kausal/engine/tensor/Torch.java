package dev.kausal.engine.tensor;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;

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

    /** The version of PyTorch that DJL's own library was built for. */
    public static final String VERSION = "2.7.1";

    private static volatile boolean loaded;

    private Torch() {}

    /**
     * Lets PyTorch be loaded from a folder instead of from the jar; to be called before anything loads it.
     *
     * @param folder folder of libtorch.so, of version {@link #VERSION}
     * @param flavour DJL's name of its library for that PyTorch, such as {@code cu128}
     * @throws IllegalStateException if PyTorch is loaded from elsewhere
     */
    public static synchronized void loadFrom(Path folder, String flavour) {
        String path = folder.toAbsolutePath().toString();
        if (path.equals(System.getProperty("PYTORCH_LIBRARY_PATH"))) {
            return;
        }
        if (loaded) {
            throw new IllegalStateException("PyTorch is loaded already; choose " + path + " before a model is opened");
        }
        System.setProperty("PYTORCH_LIBRARY_PATH", path);
        System.setProperty("PYTORCH_VERSION", VERSION);
        System.setProperty("PYTORCH_FLAVOR", flavour);
    }

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

    /** Prepares for loading the native library, which whoever makes the first manager does. */
    static void load() {
        if (!loaded) {
            synchronized (Torch.class) {
                if (!loaded) {
                    OpenMp.choose();
                    loaded = true;
                }
            }
        }
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
