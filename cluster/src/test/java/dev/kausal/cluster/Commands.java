package dev.kausal.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code kausal} in processes of their own, as a user starts it.
 *
 * @param folder folder of caches, logs and a Spark home
 */
record Commands(Path folder) {
    /** Variables that the script ./kausal sets. */
    private static final Map<String, String> LAUNCHER = Map.of(
            "OMP_WAIT_POLICY",
            "PASSIVE",
            "GOMP_SPINCOUNT",
            "2000",
            "MALLOC_ARENA_MAX",
            "1",
            "MALLOC_MMAP_THRESHOLD_",
            "4294967296",
            "MALLOC_TRIM_THRESHOLD_",
            "8589934592",
            "THP_MEM_ALLOC_ENABLE",
            "1",
            "OPT_OUT_TRACKING",
            "true");

    /** What a command ended with and printed. */
    record Ended(int code, String text) {}

    Commands {
        try {
            // Executors have the class path of this process; a worker only asks whether the folder is there.
            Files.createDirectories(folder.resolve("spark/jars"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A command that runs, and the file of what it prints. */
    record Started(Process process, Path log) {
        Ended end() {
            try {
                if (!process.waitFor(5, TimeUnit.MINUTES)) {
                    process.destroyForcibly();
                    throw new IllegalStateException("not ended after 5 minutes: " + Files.readString(log));
                }
                return new Ended(process.exitValue(), Files.readString(log));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** Runs a command to its end. */
    Ended run(String... words) {
        return start(words).end();
    }

    /** Starts a command. */
    Started start(String... words) {
        List<String> command = new ArrayList<>(List.of("-Xmx2g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.kausal.experiments.MainKt"));
        command.addAll(List.of(words));
        return java(command);
    }

    /** Starts Java. */
    Started java(List<String> arguments) {
        // A parent in the background of a shell ignores SIGINT, and children inherit that.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        try {
            Path log = Files.createTempFile(folder, "log-", ".txt");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().putAll(LAUNCHER);
            builder.environment().put("KAUSAL_HOME", cache().toString());
            builder.environment().put("SPARK_HOME", folder.resolve("spark").toString());
            return new Started(builder.start(), log);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the folder of caches. */
    Path cache() {
        return folder.resolve("cache");
    }
}
