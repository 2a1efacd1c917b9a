package dev.kausal.engine.model;

import java.util.List;

/** Every family that the engine opens. */
final class Families {
    static final List<Family> ALL = List.of(
            Llama.FAMILY,
            Gemma.FAMILY,
            Olmo3.FAMILY,
            Gpt2.FAMILY,
            GptNeoX.FAMILY,
            GptJ.FAMILY,
            GptNeo.FAMILY,
            Opt.FAMILY,
            Mistral.FAMILY,
            Qwen2.FAMILY,
            Qwen3.FAMILY,
            SmolLm3.FAMILY,
            Gemma2.FAMILY,
            Gemma3.FAMILY,
            Olmo2.FAMILY,
            Phi3.FAMILY,
            StableLm.FAMILY,
            Bert.FAMILY,
            Roberta.FAMILY,
            DistilBert.FAMILY,
            Vit.FAMILY,
            Deit.FAMILY,
            Dinov2.FAMILY,
            TimmVit.FAMILY);

    private Families() {}

    static Architecture architecture(ModelConfig config) {
        return ALL.stream()
                .filter(family -> family.name().equals(config.family()))
                .findFirst()
                .orElseThrow()
                .architecture(config);
    }
}
