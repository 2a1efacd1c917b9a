package dev.kausal.engine.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the digest of weights is taken from the cache, and when they are hashed again. */
class DigestCacheTest {
    private static final int SIZE = 1000;
    /** Long after the files were written. */
    private static final InstantSource LATER = InstantSource.offset(InstantSource.system(), Duration.ofMinutes(1));

    @TempDir
    Path folder;

    private int hashed;
    private Path weights;

    @BeforeEach
    void write() throws IOException {
        weights = Files.write(folder.resolve("model.gguf"), new byte[SIZE]);
        assumeTrue(FileState.of(weights).isPresent(), "this system does not record when a file changed");
    }

    private DigestCache cache(InstantSource clock) {
        return new DigestCache(folder.resolve("digests"), SIZE, clock);
    }

    /** Opens the file, hashes it after {@code meanwhile}, and returns what the cache says. */
    private String digest(DigestCache cache, Runnable meanwhile) {
        try (WeightsFile file = WeightsFile.open(weights)) {
            meanwhile.run();
            return cache.of(List.of(file), () -> {
                hashed++;
                return String.format("%064x", hashed);
            });
        }
    }

    private String digest() {
        return digest(cache(LATER), () -> {});
    }

    @Test
    void filesThatDidNotChangeAreHashedOnce() {
        assertEquals(digest(), digest());
        assertEquals(1, hashed);
    }

    @Test
    void aChangeThatKeepsSizeAndTimeOfModificationIsSeen() throws Exception {
        digest();
        FileTime modified = Files.getLastModifiedTime(weights);
        Thread.sleep(50); // the clock of a file system is coarser than the program
        byte[] other = new byte[SIZE];
        other[7] = 1;
        Files.write(weights, other);
        Files.setLastModifiedTime(weights, modified);
        digest();
        assertEquals(2, hashed);
    }

    @Test
    void filesThatChangedJustNowAreNotRemembered() {
        digest(cache(InstantSource.system()), () -> {});
        assertFalse(Files.exists(folder.resolve("digests")));
        digest();
        assertEquals(2, hashed);
    }

    @Test
    void anotherFileThatTookThePathIsNotTakenForTheOpenOne() throws IOException {
        Path other = Files.write(folder.resolve("other"), new byte[SIZE]);
        digest(cache(LATER), () -> move(other, weights));
        assertFalse(Files.exists(folder.resolve("digests")));
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aDamagedEntryIsReplaced() throws IOException {
        digest();
        try (var entries = Files.list(folder.resolve("digests"))) {
            Path entry = entries.findFirst().orElseThrow();
            Files.writeString(entry, Files.readString(entry).substring(1));
        }
        digest();
        digest();
        assertEquals(2, hashed);
    }

    @Test
    void smallFilesAreHashedEachTime() {
        DigestCache large = new DigestCache(folder.resolve("digests"), SIZE + 1, LATER);
        digest(large, () -> {});
        digest(large, () -> {});
        assertEquals(2, hashed);
    }

    @Test
    void aCacheThatCannotBeWrittenChangesNothing() throws IOException {
        Files.writeString(folder.resolve("digests"), "a file, not a folder");
        digest();
        assertEquals(String.format("%064x", 2), digest());
    }
}
