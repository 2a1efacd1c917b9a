package dev.kausal.engine.tensor;

import com.sun.jna.Function;
import java.util.Optional;

/**
 * How threads of the native library wait for the next operation. Spinning, they start sooner, but take processors from
 * whatever else runs; asleep, each operation waits until they are awake.
 *
 * <p>They spin five times as long where other processes have left the processors alone since {@link #observe} as elsewhere.
 * Variables of the environment that are set, {@code OMP_WAIT_POLICY} and {@code GOMP_SPINCOUNT}, are left alone.
 */
public final class OpenMp {
    private static final String WHERE_IDLE = "10000";
    private static final String WHERE_SHARED = "2000";
    private static final double IDLE_PROCESSORS = 0.2;
    private static final long LEAST_NANOS = 100_000_000;

    private static volatile Optional<ProcessorTime> began = Optional.empty();

    private OpenMp() {}

    /** Begins to measure how much of the processors other processes use: to be called early in a process. */
    public static void observe() {
        began = began.or(ProcessorTime::now);
    }

    /** Chooses how threads wait. Takes effect only before the native library is loaded, which reads variables then. */
    static void choose() {
        boolean idle = began.flatMap(before -> ProcessorTime.now().map(now -> idle(before, now)))
                .orElse(false);
        set("OMP_WAIT_POLICY", "PASSIVE");
        set("GOMP_SPINCOUNT", idle ? WHERE_IDLE : WHERE_SHARED);
    }

    /** Returns whether other processes left the processors alone for long enough to tell. */
    static boolean idle(ProcessorTime before, ProcessorTime now) {
        return now.nanos() - before.nanos() >= LEAST_NANOS && now.othersSince(before) < IDLE_PROCESSORS;
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
