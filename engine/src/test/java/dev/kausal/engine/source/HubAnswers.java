package dev.kausal.engine.source;

import java.net.URI;
import java.nio.charset.StandardCharsets;

/** The Hub's list of files as the engine reads it, for inputs that no hub sends. */
public final class HubAnswers {
    private HubAnswers() {}

    /** Reads an answer. */
    public static void read(byte[] answer) {
        HubRef ref = HubRef.parse("hf:org/name");
        URI address = URI.create("https://hub.example/api/models/org/name/revision/main");
        Hub.listing(ref, address, new String(answer, StandardCharsets.UTF_8));
    }
}
