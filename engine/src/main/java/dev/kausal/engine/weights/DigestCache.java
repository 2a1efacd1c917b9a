package dev.kausal.engine.weights;

import dev.kausal.engine.files.CacheFolders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The SHA-256 of large weights, kept with the state of their files, so that each run need not read them all again. A
 * digest counts only while every file is in the state that it was hashed in.
 */
final class DigestCache {
    /** Bytes below which hashing takes less time than is worth a file in the cache. */
    private static final long LARGE = 1 << 26;

    private static final String FORM = "[0-9a-f]{64}";

    private final Path folder;
    private final long large;
    private final InstantSource clock;

    /**
     * Creates a cache.
     *
     * @param large bytes from which on digests are kept
     */
    DigestCache(Path folder, long large, InstantSource clock) {
        this.folder = folder;
        this.large = large;
        this.clock = clock;
    }

    /** Returns the cache of this process, in Kausal's folder. */
    static DigestCache ofProcess() {
        return new DigestCache(CacheFolders.kausal(System::getenv).resolve("digests"), LARGE, InstantSource.system());
    }

    /**
     * Returns the digest of files: the kept one if they have not changed since, else that of {@code compute}.
     *
     * @param compute hashes the files as they were opened
     */
    String of(List<WeightsFile> files, Supplier<String> compute) {
        long size = files.stream().mapToLong(WeightsFile::size).sum();
        Optional<String> before = states(files);
        if (size < large || before.isEmpty()) {
            return compute.get();
        }
        Path entry = folder.resolve(sha256(paths(files)));
        Optional<String> kept = kept(entry, before.get());
        if (kept.isPresent()) {
            return kept.get();
        }
        boolean settled = settled(files);
        String digest = compute.get();
        if (settled && states(files).equals(before)) {
            keep(entry, before.get(), digest);
        }
        return digest;
    }

    /** Returns the files' states; empty if one is unknown, or differs from that in which the file was opened. */
    private static Optional<String> states(List<WeightsFile> files) {
        StringBuilder all = new StringBuilder();
        for (WeightsFile file : files) {
            Optional<FileState> now = FileState.of(file.path());
            if (now.isEmpty() || !now.equals(file.opened())) {
                return Optional.empty();
            }
            all.append(now.get().text()).append('\n');
        }
        return Optional.of(all.toString());
    }

    private boolean settled(List<WeightsFile> files) {
        Instant now = clock.instant();
        return files.stream().allMatch(file -> file.opened().orElseThrow().settled(now));
    }

    private static String paths(List<WeightsFile> files) {
        StringBuilder all = new StringBuilder();
        files.forEach(
                file -> all.append(file.path().toAbsolutePath().normalize()).append('\n'));
        return all.toString();
    }

    private static Optional<String> kept(Path entry, String states) {
        try {
            String text = Files.isRegularFile(entry) ? Files.readString(entry) : "";
            String digest = text.startsWith(states) ? text.substring(states.length()) : "";
            return digest.matches(FORM) ? Optional.of(digest) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // unreadable or damaged: hash again
        }
    }

    private void keep(Path entry, String states, String digest) {
        try {
            Files.createDirectories(folder);
            Path draft = Files.createTempFile(folder, ".digest", ".tmp");
            Files.writeString(draft, states + digest);
            Files.move(draft, entry, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            return; // the next run hashes again
        }
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform lacks SHA-256", e);
        }
    }
}
