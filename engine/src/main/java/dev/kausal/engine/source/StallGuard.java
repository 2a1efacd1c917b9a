package dev.kausal.engine.source;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;

/** Closes a stream that nothing has come out of for a while, so that reading it fails instead of waiting for ever. */
final class StallGuard implements AutoCloseable {
    private final Timer timer = new Timer("kausal-stall-guard", true);
    private volatile boolean moved = true;

    StallGuard(InputStream stream, Duration limit) {
        TimerTask look = new TimerTask() {
            @Override
            public void run() {
                if (!moved) {
                    closeQuietly(stream);
                }
                moved = false;
            }
        };
        timer.schedule(look, limit.toMillis(), limit.toMillis());
    }

    /** Says that something came. */
    void moved() {
        moved = true;
    }

    private static void closeQuietly(InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            return; // the reader is told
        }
    }

    @Override
    public void close() {
        timer.cancel();
    }
}
