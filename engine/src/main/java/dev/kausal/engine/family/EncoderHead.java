package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An encoder's head, by the class that its checkpoint was saved from. */
final class EncoderHead {
    private EncoderHead() {}

    /** Reads the heads that {@code name}For... classes of BERT-like models share, and this family's {@code others}. */
    @SuppressWarnings("ReferenceEquality") // the entry itself: another class may have an equal head
    static OutputHeadConfig read(
            ConfigFields f, String name, OutputHeadConfig masked, Map<String, OutputHeadConfig> others) {
        Map<String, OutputHeadConfig> heads = new TreeMap<>();
        heads.put("ForMaskedLM", masked);
        heads.put("ForTokenClassification", OutputHeadConfig.tokenClasses(f.classes()));
        heads.put("ForQuestionAnswering", OutputHeadConfig.tokenClasses(2));
        heads.putAll(others);
        Map<String, OutputHeadConfig> byClass = new TreeMap<>();
        heads.forEach((ending, head) -> byClass.put(name + ending, head));
        OutputHeadConfig head = f.head(byClass);
        if (byClass.get(name + "ForQuestionAnswering") == head && f.classes() != 2) {
            throw new UnsupportedModelException(
                    f.where(), "num_labels", f.classes(), "2 for question answering: the answer's start and end");
        }
        return head;
    }

    /**
     * Returns a masked-LM head. Its bias may be stored as {@code decoder.bias}; it is tied to the other like word
     * embeddings.
     */
    static OutputHeadConfig masked(ConfigFields f, Activation transform) {
        OutputHeadConfig masked = OutputHeadConfig.maskedToken(transform);
        return f.flag("tie_word_embeddings") ? masked : masked.withOwnBias();
    }

    /** Returns the config of a model without a head, whose pooler is visible only at its hook point. */
    static OutputHeadConfig pooled() {
        return OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.NONE, Optional.of(Activation.TANH));
    }

    /** Returns the logits' bias: the unembedding's own if the file has it, else the one it is tied to. */
    static List<WeightRule> unembedBias(OutputHeadConfig head, String tied, String own) {
        return head.ownBias()
                ? List.of(required(own, Parameter.UNEMBED_BIAS, NONE))
                : List.of(required(tied, Parameter.UNEMBED_BIAS, NONE), optional(own, Parameter.UNEMBED_BIAS, NONE));
    }

    /** Returns a classifier of that name. */
    static List<WeightRule> classifier(String name) {
        return WeightRule.dense(name, Parameter.UNEMBED, Parameter.UNEMBED_BIAS);
    }

    /** Returns a pooler of that name. */
    static List<WeightRule> pooler(String name) {
        return WeightRule.dense(name, Parameter.POOLER, Parameter.POOLER_BIAS);
    }

    /** Returns alternatives for a per-position classifier, which has one of two names depending on the class. */
    static List<List<WeightRule>> perToken() {
        return List.of(classifier("classifier"), classifier("qa_outputs"));
    }

    /** Concatenates two lists. */
    static List<WeightRule> concat(List<WeightRule> first, List<WeightRule> second) {
        List<WeightRule> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }
}
