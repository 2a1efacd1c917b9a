package dev.kausal.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

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

    /** Runs a command to its end. */
    Ended run(String... words) {
        return run(process -> {}, words);
    }

    /** Runs a command to its end; {@code meanwhile} is called with its process once it has started. */
    Ended run(Consumer<Process> meanwhile, String... words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx2g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kausal.experiments.MainKt"));
        command.addAll(List.of(words));
        try {
            Path log = Files.createTempFile(folder, "log-", ".txt");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().putAll(LAUNCHER);
            builder.environment().put("KAUSAL_HOME", folder.resolve("cache").toString());
            builder.environment().put("SPARK_HOME", folder.resolve("spark").toString());
            Process process = builder.start();
            meanwhile.accept(process);
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
