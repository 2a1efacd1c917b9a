package dev.kausal.engine.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs tasks in parallel, each with its share of the threads.
 *
 * <p>Cores that share one operation wait for each other at its end, thousands of times per second; cores with separate
 * tasks do not. Which task runs in which lane is unpredictable, so no result may depend on it.
 */
public final class ParallelGroups {
    private final int lanes;
    private final List<Runnable> pieces;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private ParallelGroups(int lanes, List<Runnable> pieces) {
        this.lanes = lanes;
        this.pieces = pieces;
    }

    /**
     * Runs all tasks; with one lane, in order and on this thread alone. While gradients are recorded, there is one
     * lane.
     *
     * @param lanes number of tasks at once, at least 1
     * @throws RuntimeException an exception that a task threw; tasks not started by then are skipped
     */
    public static void run(int lanes, List<Runnable> pieces) {
        int used = Math.min(lanes, pieces.size());
        if (used <= 1 || Recording.on()) {
            pieces.forEach(Runnable::run);
        } else {
            new ParallelGroups(used, pieces).run();
        }
    }

    private void run() {
        int threads = Torch.threads();
        int share = Math.max(1, threads / lanes);
        List<Thread> others = new ArrayList<>();
        boolean interrupted;
        try {
            for (int i = 1; i < lanes; i++) {
                Thread other = new Thread(() -> lane(share), "kausal-lane-" + i);
                other.setDaemon(true);
                other.start();
                others.add(other);
            }
            lane(share);
        } finally {
            interrupted = joined(others);
            Torch.threads(threads);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Throwable failed = failure.get();
        if (failed instanceof Error error) {
            throw error;
        } else if (failed != null) {
            throw (RuntimeException) failed;
        }
    }

    private void lane(int share) {
        try {
            Torch.threads(share); // The setting is per thread.
            for (int i = next.getAndIncrement(); i < pieces.size(); i = next.getAndIncrement()) {
                if (failure.get() != null) {
                    return;
                }
                pieces.get(i).run();
            }
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
    }

    /**
     * Waits for all threads, since arrays that they use are freed afterwards; returns whether waiting was interrupted.
     */
    private static boolean joined(List<Thread> others) {
        boolean interrupted = false;
        for (Thread other : others) {
            while (other.isAlive()) {
                try {
                    other.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        return interrupted;
    }
}
