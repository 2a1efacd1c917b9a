package dev.kausal.engine.source;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/** When to retry and when to give up: after {@code attempts} failures in a row without progress. */
record HubRetry(int attempts, Duration first) {
    /** A repeatable request. */
    interface Attempt<T> {
        T run() throws IOException;
    }

    /** Runs {@code attempt} until it succeeds. */
    <T> T run(URI address, Attempt<T> attempt) {
        Series series = series(address);
        while (true) {
            try {
                return attempt.run();
            } catch (IOException e) {
                series.failed(e, false, "");
            }
        }
    }

    Series series(URI address) {
        return new Series(address);
    }

    /** The failures of one request. */
    final class Series {
        private final URI address;
        private int failures;

        private Series(URI address) {
            this.address = address;
        }

        /**
         * Waits before the next attempt.
         *
         * @param moved whether this attempt made progress
         * @param kept what remains of it, for the message
         */
        void failed(IOException failure, boolean moved, String kept) {
            failures = moved ? 1 : failures + 1;
            if (failures >= attempts || Thread.currentThread().isInterrupted()) {
                throw new HubUnreachable(address.toString(), describe(failure), kept);
            }
            try {
                Thread.sleep(first.toMillis() << (failures - 1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HubUnreachable(address.toString(), "interrupted", kept);
            }
        }

        private static String describe(IOException failure) {
            String kind = failure.getClass().getSimpleName();
            String message = failure.getMessage();
            if (message == null) {
                return kind;
            }
            return failure instanceof HubHttp.Transient ? message : kind + ": " + message;
        }
    }
}
