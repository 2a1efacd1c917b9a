package dev.kausal.engine.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Processor time that was used up to some moment, as Linux counts it.
 *
 * @param nanos the moment, of {@link System#nanoTime}
 * @param machine nanoseconds that all processors were busy, for this or another process, or lent to another virtual machine
 * @param own nanoseconds of this process
 */
record ProcessorTime(long nanos, long machine, long own) {
    private static final Path COUNTERS = Path.of("/proc/stat");
    private static final long NANOS_PER_TICK = 10_000_000; // Linux shows hundredths of a second on every machine.
    private static final int IDLE = 3;
    private static final int WAITING_FOR_DISK = 4;
    private static final int STOLEN = 7;

    /** Returns the time used so far; empty on a machine that does not count it. */
    static Optional<ProcessorTime> now() {
        Optional<Duration> own = ProcessHandle.current().info().totalCpuDuration();
        if (own.isEmpty() || !Files.isReadable(COUNTERS)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ProcessorTime(
                    System.nanoTime(),
                    busy(Files.readString(COUNTERS)),
                    own.get().toNanos()));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // Not the counters that we know.
        }
    }

    /**
     * Returns the nanoseconds that all processors were busy.
     *
     * @param counters contents of {@code /proc/stat}, whose first line sums the processors
     * @throws NumberFormatException if the line has other contents
     */
    static long busy(String counters) {
        String[] words = counters.lines().findFirst().orElse("").split(" +", -1);
        long ticks = 0;
        for (int i = 0; i <= STOLEN && i + 1 < words.length; i++) {
            if (i != IDLE && i != WAITING_FOR_DISK) {
                ticks += Long.parseLong(words[i + 1]);
            }
        }
        return ticks * NANOS_PER_TICK;
    }

    /** Returns how many processors other processes used since then, on average. */
    double othersSince(ProcessorTime earlier) {
        return (double) (machine - earlier.machine - (own - earlier.own)) / (nanos - earlier.nanos);
    }
}
