package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every Java block of the documentation compiles and runs. */
final class GuideExamplesTest {
    private static final Path ROOT = Path.of("..");
    private static final Path FRAME = ROOT.resolve("docs/guide/from-java.md");
    private static final Path PICTURE =
            ROOT.resolve("experiments/src/main/resources/studies/vision-debug/pictures/3/012-3.png");

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> examples() {
        return Stream.of("docs/guide/from-java.md", "docs/guide/weights-and-gradients.md", "README.md")
                .map(ROOT::resolve)
                .flatMap(this::examplesOf);
    }

    private Stream<DynamicTest> examplesOf(Path page) {
        JavaExamples examples = new JavaExamples(page, FRAME);
        examples.replace("Path.of(\"3.png\")", "Path.of(\"" + PICTURE.toAbsolutePath() + "\")");
        examples.replace("Path.of(\"model.gguf\")", "path");
        assertFalse(examples.names().isEmpty(), page + " has no examples");
        return Stream.of(DynamicTest.dynamicTest(page.toString(), () -> run(page, examples)));
    }

    private void run(Path page, JavaExamples examples) throws Exception {
        Path classes = Files.createDirectory(folder.resolve(page.getFileName()));
        PrintStream out = System.out;
        try (JavaExamples.Compiled compiled = examples.compile(classes);
                PrintStream nothing = new PrintStream(OutputStream.nullOutputStream())) {
            System.setOut(nothing);
            for (String name : examples.names()) {
                compiled.run(name);
            }
        } finally {
            System.setOut(out);
        }
    }
}
