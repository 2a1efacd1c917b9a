package dev.kausal.engine.family;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import java.util.List;
import java.util.Set;

/** All families that the engine opens. */
public final class Families {
    static final List<Family> ALL = List.of(
            Llama.FAMILY,
            Gemma.FAMILY,
            Olmo3.FAMILY,
            Phi.FAMILY,
            Granite.FAMILY,
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
            Electra.FAMILY,
            ModernBert.FAMILY,
            Deberta.FAMILY,
            DebertaV2.FAMILY,
            Vit.FAMILY,
            Deit.FAMILY,
            Dinov2.FAMILY,
            Dinov3.FAMILY,
            Beit.FAMILY,
            TwoTowers.CLIP,
            TwoTowers.SIGLIP,
            TimmVit.FAMILY);

    private Families() {}

    /** Returns the names of all families. */
    public static List<String> names() {
        return ALL.stream().map(Family::name).toList();
    }

    /**
     * Returns the config without a pooler if the model has no head and {@code tensors} lack the pooler: only a hook
     * point would read it, and the library would initialise it at random.
     */
    public static ModelConfig fitted(ModelConfig config, Set<String> tensors) {
        OutputHeadConfig head = config.head();
        boolean lacks = head.task() == OutputHeadConfig.Task.HIDDEN_STATES
                && head.pooler().isPresent()
                && architecture(config).tables().stream()
                        .flatMap(table -> table.rules().stream())
                        .filter(rule -> rule.parameter() == Parameter.POOLER)
                        .noneMatch(rule -> tensors.contains(rule.name()));
        return lacks ? config.with(head.withoutPooler()) : config;
    }

    /** Returns the family of a model. */
    public static Family of(ModelConfig config) {
        return ALL.stream()
                .filter(family -> family.name().equals(config.family()))
                .findFirst()
                .orElseThrow();
    }

    /** Returns how the tensors of a model are named. */
    public static Architecture architecture(ModelConfig config) {
        return of(config).architecture(config);
    }
}
