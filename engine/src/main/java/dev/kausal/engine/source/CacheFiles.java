package dev.kausal.engine.source;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;

/** Moves and removes files in the cache. */
final class CacheFiles {
    private CacheFiles() {}

    static void moveAtomically(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Replaces {@code target} by {@code fresh}; the old folder is moved to {@code aside} first and then removed. */
    static void replaceFolder(Path fresh, Path target, Path aside) throws IOException {
        if (Files.exists(target)) {
            moveAtomically(target, aside);
        }
        moveAtomically(fresh, target);
        deleteQuietly(aside);
    }

    /** Removes leftovers of interrupted pulls: siblings whose names start with {@code prefix}. */
    static void deleteLeftovers(Path folder, String prefix) throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(
                folder, path -> path.getFileName().toString().startsWith(prefix))) {
            for (Path leftover : leftovers) {
                deleteQuietly(leftover);
            }
        }
    }

    /** Removes a folder and its contents as far as possible; links are not followed. */
    static void deleteQuietly(Path folder) {
        try {
            if (Files.exists(folder)) {
                Files.walkFileTree(folder, new Deleter());
            }
        } catch (IOException e) {
            return; // the next pull tries again
        }
    }

    private static final class Deleter extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
