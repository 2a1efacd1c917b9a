package dev.kausal.engine.fuzz;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Fuzzing of a parser by Jazzer, guided by the code that an input reaches: {@code mvn -P fuzz ...} in docs/security.md. Not
 * part of the tests, and compiled without Jazzer.
 */
public final class Fuzzing {
    private static final String PARSER = "kausal.fuzz.parser";
    private static final Parser TARGET = Parser.valueOf(System.getProperty(PARSER, "SAFETENSORS"));
    private static final Path FOLDER = Path.of("target", "fuzz", TARGET.name());
    private static final Path SEED = TARGET.seeds().get(0);

    private Fuzzing() {}

    /** What Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] content) {
        TARGET.readStrange(TARGET.place(SEED, content, FOLDER.resolve("model")));
    }

    /** SECONDS: writes the seeds and starts Jazzer on them. */
    public static void main(String[] words) throws IOException, ReflectiveOperationException {
        Path corpus = Files.createDirectories(FOLDER.resolve("corpus"));
        List<Path> seeds = TARGET.seeds();
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(corpus.resolve("seed-" + i), TARGET.seed(seeds.get(i)));
        }
        String[] options = {
            "--target_class=" + Fuzzing.class.getName(),
            "--instrumentation_includes=dev.kausal.engine.**:com.google.gson.**",
            "--reproducer_path=" + FOLDER,
            "-artifact_prefix=" + FOLDER + "/",
            "-max_total_time=" + words[0],
            "-timeout=60",
            "-rss_limit_mb=6000",
            "-max_len=200000",
            "" + corpus
        };
        try {
            Class.forName("com.code_intelligence.jazzer.Jazzer")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) options);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("Jazzer failed", e.getCause());
        }
    }
}
