package dev.kausal.engine.fuzz;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every parser on seeds with changes that are the same each time: it reads them, or says what is wrong in an error of its
 * own. {@link Fuzzing} goes on from there for as long as one likes.
 */
class MutantsTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = "TOKENIZER", mode = EnumSource.Mode.EXCLUDE)
    void changedFiles(Parser parser) {
        Mutants.read(
                parser,
                count(parser),
                folder,
                (name, read) -> assertTimeoutPreemptively(SOON, () -> assertDoesNotThrow(read::run, name), name));
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
                "TOKENIZER",
                "150",
                "" + folder);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }
}
