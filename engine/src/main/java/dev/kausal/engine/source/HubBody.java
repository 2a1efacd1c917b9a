package dev.kausal.engine.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Reads a small response whole, with limits on its size and duration. */
final class HubBody {
    private static final int BUFFER = 1 << 14;
    private static final int MOST = 32 << 20;
    private static final int PATIENCE = 10;

    private HubBody() {}

    /**
     * Returns the text of {@code body}.
     *
     * @param stall longest pause between bytes; the whole response may take ten times as long
     * @throws HubAnswerStrange if it has more than 32 MB
     * @throws IOException if it stalls or breaks
     */
    static String text(InputStream body, URI address, Duration stall) throws IOException {
        long deadline = System.nanoTime() + PATIENCE * stall.toNanos();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER];
        try (StallGuard guard = new StallGuard(body, stall)) {
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                guard.moved();
                read.write(buffer, 0, count);
                if (read.size() > MOST) {
                    throw new HubAnswerStrange(address.toString(), "a list of files", "more than " + MOST + " bytes");
                }
                if (System.nanoTime() > deadline) {
                    throw new HubHttp.Transient("an unfinished response after " + PATIENCE * stall.toSeconds() + " s");
                }
            }
        }
        return read.toString(StandardCharsets.UTF_8);
    }
}
