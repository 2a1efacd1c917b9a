package dev.kausal.engine.fuzz;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Fuzzing of a target by Jazzer, guided by the code that an input reaches: {@code bench/fuzz.py} starts it. It is no part of
 * the tests, and compiled without Jazzer.
 */
public final class Fuzzing {
    private static final String TYPE = "kausal.fuzz.class";
    private static final String NAME = "kausal.fuzz.name";
    private static final FuzzTarget TARGET = target();
    private static final Path FOLDER = Path.of("target", "fuzz", TARGET.title());

    private Fuzzing() {}

    private static FuzzTarget target() {
        try {
            return Mutants.target(System.getProperty(TYPE), System.getProperty(NAME));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What Jazzer calls. */
    public static void fuzzerTestOneInput(byte[] content) {
        TARGET.read(0, content, FOLDER.resolve("files"));
    }

    /** SECONDS: writes the seeds and starts Jazzer on them. */
    public static void main(String[] words) throws IOException, ReflectiveOperationException {
        Path corpus = Files.createDirectories(FOLDER.resolve("corpus"));
        for (int seed = 0; seed < TARGET.seeds(); seed++) {
            Files.write(corpus.resolve("seed-" + seed), TARGET.seed(seed));
        }
        String[] options = {
            "--target_class=" + Fuzzing.class.getName(),
            "--instrumentation_includes=dev.kausal.**:com.google.gson.**:kotlinx.serialization.**",
            "--reproducer_path=" + FOLDER,
            "-artifact_prefix=" + FOLDER + "/",
            "-max_total_time=" + words[0],
            "-print_final_stats=1",
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
