package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kausal.engine.MatrixCase.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Config fields left out, null and unusual, and files of other shapes: each is computed as the library computes it, or
 * refused; what the library cannot open, or fills with weights of its own, is refused.
 */
final class MatrixTest {
    private static final Path MATRIX = Path.of("src/test/resources/matrix");

    private static final Path PAGE = Path.of("../docs/config-fields.md");

    @TempDir
    Path folder;

    private static List<String> models() throws IOException {
        try (Stream<Path> files = Files.list(MATRIX)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .map(name -> name.replace(".json", ""))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everyCaseIsTheLibrarysOrRefused() throws IOException {
        MatrixPage page = new MatrixPage();
        List<String> wrong = new ArrayList<>();
        for (String model : models()) {
            wrong.addAll(wrong(model, page));
        }
        assertEquals(List.of(), wrong);
        if (Boolean.getBoolean("kausal.matrix.write")) {
            Files.writeString(PAGE, page.text());
        }
        assertEquals(page.text(), Files.readString(PAGE), "write it anew with -Dkausal.matrix.write=true");
    }

    private List<String> wrong(String model, MatrixPage page) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (MatrixCase one : MatrixCase.of(MATRIX.resolve(model + ".json"))) {
            Path own = Files.createTempDirectory(folder, "case");
            Outcome outcome = one.run(own);
            page.add(one.modelType(), one, outcome);
            if (outcome instanceof Outcome.Differs differs) {
                wrong.add(model + ", " + one.name() + ": the library " + one.library() + ", here it differs by "
                        + differs.by());
            }
        }
        return wrong;
    }
}
