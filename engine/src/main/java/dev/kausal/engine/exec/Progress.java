package dev.kausal.engine.exec;

import java.util.function.IntConsumer;

/** Counts finished cells over all threads and reports the count to one listener, in ascending order. */
public final class Progress {
    private final IntConsumer listener;
    private int done;

    /** Creates a counter that reports to {@code listener}, one call at a time. */
    public Progress(IntConsumer listener) {
        this.listener = listener;
    }

    /** Returns a counter of one group's finished cells, to be called by one thread. */
    public IntConsumer group() {
        int[] before = {0};
        return now -> {
            add(now - before[0]);
            before[0] = now;
        };
    }

    private synchronized void add(int more) {
        done += more;
        listener.accept(done);
    }
}
