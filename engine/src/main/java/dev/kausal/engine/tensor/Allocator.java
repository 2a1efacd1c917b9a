package dev.kausal.engine.tensor;

import com.sun.jna.Function;

/** The C library's allocator, which the native library uses. */
public final class Allocator {
    /** glibc's M_MMAP_THRESHOLD. */
    private static final int MMAP_THRESHOLD = -3;
    /** The largest value that every version of glibc accepts. */
    private static final int LARGE = 1 << 25;

    private Allocator() {}

    /**
     * Returns memory of 32 MB and more to the system as soon as it is freed, instead of keeping it for later arrays:
     * kept blocks of many sizes leave gaps, a gigabyte beside layers of 240 MB. Has no effect without glibc.
     */
    public static void returnLargeBlocks() {
        try {
            Function.getFunction("c", "mallopt").invokeInt(new Object[] {MMAP_THRESHOLD, LARGE});
        } catch (UnsatisfiedLinkError e) {
            // Another C library: its own rules apply.
            return;
        }
    }
}
