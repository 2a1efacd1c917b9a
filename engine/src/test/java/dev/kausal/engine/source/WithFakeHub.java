package dev.kausal.engine.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A Hub that is played on this machine, and a cache for what comes from it. */
abstract class WithFakeHub {
    @TempDir
    Path home;

    final FakeHub hub = new FakeHub();
    final List<String> progress = new ArrayList<>();
    Duration timeout = Duration.ofSeconds(10);

    @AfterEach
    void stop() {
        hub.close();
    }

    SourceContext context(Map<String, String> env) {
        return new SourceContext(
                home.resolve("kausal"),
                hub.env(home, env),
                false,
                progress::add,
                FakeWheel.good(),
                new Catalog(List.of()));
    }

    Path fetch(String ref) {
        return fetch(ref, Map.of());
    }

    Path fetch(String ref, Map<String, String> env) {
        Hub client = new Hub(context(env), new HubRetry(3, Duration.ofMillis(1)), timeout);
        return client.resolve(HubRef.parse(ref));
    }

    Path repository() {
        return home.resolve("hub/models--org--name");
    }

    Path leftover() {
        return repository().resolve("blobs/" + FakeHub.sha256(FakeHub.WEIGHTS) + ".kausal.incomplete");
    }

    static SortedSet<String> names(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return new TreeSet<>();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return new TreeSet<>(
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }
}
