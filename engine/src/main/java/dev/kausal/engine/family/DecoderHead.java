package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.UnsupportedModelException;
import java.util.List;
import java.util.Optional;

/** A decoder's head, by the class that its checkpoint was saved from. */
final class DecoderHead {
    private DecoderHead() {}

    /**
     * Reads the head from the first of {@code architectures}: next token for {@code ...ForCausalLM} and by default,
     * classes for {@code ...ForSequenceClassification}. A base model with tied unembedding has all tensors of a
     * language model, and is read as one; if untied, its outputs are hidden states.
     */
    static OutputHeadConfig read(ConfigFields f) {
        String name = f.raw("architectures") instanceof List<?> list && !list.isEmpty()
                ? String.valueOf(list.get(0))
                : "ForCausalLM";
        if (name.endsWith("ForCausalLM") || name.endsWith("LMHeadModel") || name.endsWith("ForConditionalGeneration")) {
            return OutputHeadConfig.NEXT_TOKEN;
        }
        if (name.endsWith("ForSequenceClassification")) {
            return OutputHeadConfig.classes(OutputHeadConfig.NormAt.EVERY_ROW, OutputHeadConfig.Pool.LAST, f.classes());
        }
        if (name.endsWith("Model") && !name.endsWith("HeadsModel")) {
            return f.flag("tie_word_embeddings")
                    ? OutputHeadConfig.NEXT_TOKEN
                    : OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.EVERY_ROW, Optional.empty());
        }
        throw new UnsupportedModelException(
                f.where(),
                "architectures",
                f.raw("architectures"),
                "class names ending in ForCausalLM, ForSequenceClassification or Model");
    }

    /** Returns the head's tensors; {@code unembed} is the library's name of the unembedding. */
    static List<WeightRule> rules(OutputHeadConfig head, String unembed) {
        return switch (head.task()) {
            case NEXT_TOKEN -> List.of(optional(unembed, Parameter.UNEMBED, TRANSPOSE));
            case CLASSES -> List.of(required("score.weight", Parameter.UNEMBED, TRANSPOSE));
            default -> List.of();
        };
    }
}
