package dev.kausal.engine.source;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;

/** Closes a stream that delivers nothing for a while, so that reading fails instead of blocking forever. */
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

    /** Records that data arrived. */
    void moved() {
        moved = true;
    }

    private static void closeQuietly(InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            return; // the reader reports the failure
        }
    }

    @Override
    public void close() {
        timer.cancel();
    }
}
