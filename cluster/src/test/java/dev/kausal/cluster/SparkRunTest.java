package dev.kausal.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles of runs on Spark have the bytes of runs in one process. */
final class SparkRunTest {
    /** Last digits depend on the number of threads and the memory limit. */
    private static final List<String> SETTING = List.of("--threads", "1", "--memory", "2g");

    private static final List<String> FACTS = List.of("fact-recall", "--set", "examples=6");
    private static final List<String> OPINIONS =
            List.of("sycophancy", "--set", "items=6", "--set", "edited=6", "--set", "seeds=1");

    private static final String PROCESSES = "local-cluster[2,1,1024]";

    @TempDir
    static Path folder;

    private static Commands kausal;
    private static Path facts;

    @BeforeAll
    static void wholeRun() {
        kausal = new Commands(folder);
        facts = whole("facts", FACTS);
    }

    private static Path whole(String name, List<String> study) {
        Path out = folder.resolve(name);
        Commands.Ended ended = kausal.run(words(study, out));
        assertEquals(0, ended.code(), ended.text());
        return out;
    }

    private static String[] words(List<String> study, Path out, String... more) {
        return Stream.of(
                        Stream.of("run"),
                        study.stream(),
                        SETTING.stream(),
                        Stream.of("--out", out.toString()),
                        Stream.of(more))
                .flatMap(it -> it)
                .toArray(String[]::new);
    }

    private static Commands.Ended onCluster(String master, List<String> study, Path whole, Path out)
            throws IOException {
        Commands.Ended ended = kausal.run(words(study, out, "--cluster", master));
        assertEquals(0, ended.code(), ended.text());
        same(whole, out);
        return ended;
    }

    /** Asserts that two bundles have the same bytes, but for times in the environment and in the page. */
    private static void same(Path whole, Path other) throws IOException {
        try (Stream<Path> files = Files.list(whole)) {
            for (Path file : files.toList()) {
                Path twin = other.resolve(file.getFileName().toString());
                assertTrue(Files.exists(twin), () -> twin + " is missing");
                if (!List.of("environment.json", "report.html")
                                .contains(file.getFileName().toString())
                        && Files.isRegularFile(file)) {
                    assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(twin), file.toString());
                }
            }
        }
    }

    @Test
    void twoTasksInOneProcess() throws IOException {
        Path out = folder.resolve("facts-local");
        Commands.Ended ended = onCluster("local[2]", FACTS, facts, out);
        assertTrue(ended.text().contains("compute on local[2]"), ended.text());
        assertTrue(Files.readString(out.resolve("environment.json")).contains("\"parts on "));
    }

    @Test
    void sycophancyInOneProcess() throws IOException {
        Path opinions = whole("opinions", OPINIONS);
        onCluster("local[2]", OPINIONS, opinions, folder.resolve("opinions-local"));
    }

    @Test
    void processesOfTheirOwnSomeOfThemKilled() throws IOException {
        Path out = folder.resolve("facts-processes");
        Random random = new Random(1);
        Commands.Started started = kausal.start(words(FACTS, out, "--cluster", PROCESSES));
        int killed = 0;
        for (int i = 0; i < 3 && started.process().isAlive(); i++) {
            killed += killExecutor(started.process(), random) ? 1 : 0;
        }
        Commands.Ended ended = started.end();
        assertEquals(0, ended.code(), ended.text());
        assertTrue(killed > 0, "no executor was found");
        assertTrue(ended.text().contains("lost executor"), ended.text());
        same(facts, out);
    }

    @Test
    void masterAndWorkersOfTheirOwn() throws IOException, InterruptedException {
        Path out = folder.resolve("facts-standalone");
        List<ProcessHandle> left;
        try (LoopbackCluster cluster = new LoopbackCluster(kausal, folder, 2)) {
            Commands.Ended ended = onCluster(cluster.address, FACTS, facts, out);
            assertTrue(ended.text().contains("compute on " + cluster.address), ended.text());
            left = cluster.executors();
        }
        assertEnded(left);
    }

    @Test
    void interruptedAndResumedWithAndWithoutSpark() throws IOException, InterruptedException {
        Path unfinished = kausal.cache().resolve("unfinished");
        Path copy = folder.resolve("copy");
        Path out = folder.resolve("facts-interrupted");
        Commands.Started started = kausal.start(words(FACTS, out, "--cluster", PROCESSES));
        while (started.process().isAlive() && parts(unfinished).size() < 3) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        List<ProcessHandle> executors = started.process().descendants().toList();
        assertTrue(executors.stream().anyMatch(SparkRunTest::isExecutor), "no executors");
        String pid = String.valueOf(started.process().pid());
        assertEquals(0, new ProcessBuilder("kill", "-INT", pid).start().waitFor());
        Commands.Ended ended = started.end();
        assertEquals(130, ended.code(), ended.text());
        assertEnded(executors);
        assertFalse(Files.exists(out));
        copy(unfinished, copy);
        resumed(out);
        copy(copy, unfinished);
        resumed(folder.resolve("facts-resumed"), "--cluster", "local[2]");
    }

    private static void resumed(Path out, String... more) throws IOException {
        Commands.Ended ended = kausal.run(words(FACTS, out, more));
        assertEquals(0, ended.code(), ended.text());
        assertTrue(ended.text().contains("resumed: found"), ended.text());
        same(facts, out);
    }

    private static List<Path> parts(Path unfinished) throws IOException {
        if (!Files.exists(unfinished)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(unfinished)) {
            return files.filter(it -> it.toString().endsWith(".part")).toList();
        } catch (UncheckedIOException e) {
            // Files of parts are renamed while they are listed.
            return List.of();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        for (Path part : parts(from)) {
            Path twin = to.resolve(from.relativize(part));
            Files.createDirectories(twin.getParent());
            Files.copy(part, twin);
        }
    }

    /** Asserts that processes have ended, or do so now. */
    private static void assertEnded(List<ProcessHandle> processes) throws InterruptedException {
        for (int waited = 0; waited < 200 && processes.stream().anyMatch(ProcessHandle::isAlive); waited++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertEquals(
                List.of(), processes.stream().filter(ProcessHandle::isAlive).toList());
    }

    /** Returns whether a process is an executor; Java does not return command lines as long as theirs. */
    private static boolean isExecutor(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .contains("CoarseGrainedExecutorBackend");
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits for executors and a random time, then kills one; returns whether it did. */
    static boolean killExecutor(Process driver, Random random) {
        try {
            for (int waited = 0; waited < 600 && driver.isAlive(); waited++) {
                List<ProcessHandle> executors =
                        driver.descendants().filter(SparkRunTest::isExecutor).toList();
                if (!executors.isEmpty()) {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(6_000));
                    return executors.get(random.nextInt(executors.size())).destroyForcibly();
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
