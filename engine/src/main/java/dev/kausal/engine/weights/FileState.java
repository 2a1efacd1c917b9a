package dev.kausal.engine.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What changes whenever a file's content does: its place on the disk, its size, and the times of its last
 * modification and change. The system sets the time of change, which no program can set back.
 *
 * @param text device, inode, size and both times
 * @param newest the later time
 */
record FileState(String text, Instant newest) {
    private static final String ATTRIBUTES = "unix:dev,ino,size,lastModifiedTime,ctime";

    /** Longest time for which a file system may give two changes the same time. */
    private static final Duration TICK = Duration.ofSeconds(2);

    /** Returns the state of a file, links followed; empty on a system that does not record the time of change. */
    static Optional<FileState> of(Path file) {
        try {
            Map<String, Object> found = Files.readAttributes(file, ATTRIBUTES);
            if (found.get("ctime") instanceof FileTime changed
                    && found.get("lastModifiedTime") instanceof FileTime modified) {
                String text = String.join(
                        " ",
                        String.valueOf(found.get("dev")),
                        String.valueOf(found.get("ino")),
                        String.valueOf(found.get("size")),
                        modified.toString(),
                        changed.toString());
                FileTime newest = changed.compareTo(modified) > 0 ? changed : modified;
                return Optional.of(new FileState(text, newest.toInstant()));
            }
            return Optional.empty();
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns whether any change from {@code now} on gives the file another state. */
    boolean settled(Instant now) {
        return newest.isBefore(now.minus(TICK));
    }
}
