package dev.kausal.engine.exec;

import java.util.function.IntConsumer;

/** Counts finished cells of all threads and reports the count to one listener, in rising order. */
final class Progress {
    private final IntConsumer listener;
    private int done;

    Progress(IntConsumer listener) {
        this.listener = listener;
    }

    /** Takes how many cells of one group are done so far; its calls come from one thread. */
    IntConsumer group() {
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
