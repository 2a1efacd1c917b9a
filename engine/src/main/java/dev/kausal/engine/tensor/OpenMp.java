package dev.kausal.engine.tensor;

import com.sun.jna.Function;

/** The threads of the native library, which OpenMP runs. */
public final class OpenMp {
    private OpenMp() {}

    /**
     * Lets idle threads sleep after a short wait, unless the environment says otherwise: spinning, they starve each other
     * as soon as anything else runs. Takes effect only before the native library is loaded, which reads these variables
     * then; the launcher of the command line sets them itself.
     */
    public static void sleepWhenIdle() {
        set("OMP_WAIT_POLICY", "PASSIVE");
        set("GOMP_SPINCOUNT", "2000");
    }

    private static void set(String name, String value) {
        if (System.getenv(name) != null) {
            return;
        }
        try {
            Function.getFunction("c", "setenv").invokeInt(new Object[] {name, value, 0});
        } catch (UnsatisfiedLinkError e) {
            // Another C library: its threads wait as they are used to.
            return;
        }
    }
}
