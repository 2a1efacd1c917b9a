package dev.kausal.engine.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every parser on seeds with changes that are the same each time: it reads them, or says what is wrong in an error of its
 * own. {@link Fuzzing} goes on from there for as long as one likes.
 */
class MutantsTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int TOKENIZERS = 150;

    /** So long that only a tokenizer that never ends reaches it. */
    private static final Duration END = Duration.ofMinutes(20);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = "TOKENIZER", mode = EnumSource.Mode.EXCLUDE)
    void changedFiles(Parser parser) {
        Map<String, String> failures =
                assertTimeoutPreemptively(LIMIT.multipliedBy(2), () -> Mutants.failures(parser, count(parser), folder));
        assertEquals(Map.of(), failures);
    }

    /** Inputs that failed once, in a folder for each parser. */
    @Test
    void inputsThatFailed() throws IOException {
        List<Path> inputs;
        try (Stream<Path> all = Files.walk(Path.of("src/test/resources/fuzz"))) {
            inputs = all.filter(Files::isRegularFile).toList();
        }
        assertFalse(inputs.isEmpty());
        for (Path input : inputs) {
            Parser parser = Parser.valueOf(input.getParent().getFileName().toString());
            assertFalse(parser.read(0, Files.readAllBytes(input), folder), input::toString);
        }
    }

    /** Each takes a pass of a model. */
    private static int count(Parser parser) {
        return parser == Parser.CONFIG || parser == Parser.GGUF ? 120 : 240;
    }

    /** The native library can end its process, so that it gets one of its own. */
    @Test
    void changedTokenizers() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        List<String> command = List.of(
                java,
                "-Xmx1g",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes,
                Mutants.class.getName(),
                Parser.class.getName(),
                "TOKENIZER",
                "0",
                "" + TOKENIZERS,
                "" + END.toSeconds(),
                "" + folder);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("\"inputs\": " + TOKENIZERS + ","), said);
    }
}
