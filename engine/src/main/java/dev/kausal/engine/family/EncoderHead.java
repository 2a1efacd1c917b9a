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

/** What stands behind an encoder's last block, by the class that its checkpoint was saved from. */
final class EncoderHead {
    private EncoderHead() {}

    /** The heads that the classes {@code name}For... of BERT's kin have in common, and {@code others} of this family. */
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
                    f.where(), "num_labels", f.classes(), "2 in a model of questions: an answer's start and its end");
        }
        return head;
    }

    /** A masked-LM head's bias may have its own name, {@code decoder.bias}; it is tied to the other as words are. */
    static OutputHeadConfig masked(ConfigFields f, Activation transform) {
        OutputHeadConfig masked = OutputHeadConfig.maskedToken(transform);
        return f.flag("tie_word_embeddings") ? masked : masked.withOwnBias();
    }

    /** No head, and a pooler whose output only its hook point shows. */
    static OutputHeadConfig pooled() {
        return OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.NONE, Optional.of(Activation.TANH));
    }

    /** The logits' bias: the unembedding's own where the file has it, and else the one that it is tied to. */
    static List<WeightRule> unembedBias(OutputHeadConfig head, String tied, String own) {
        return head.ownBias()
                ? List.of(required(own, Parameter.UNEMBED_BIAS, NONE))
                : List.of(required(tied, Parameter.UNEMBED_BIAS, NONE), optional(own, Parameter.UNEMBED_BIAS, NONE));
    }

    /** The classifier of that name. */
    static List<WeightRule> classifier(String name) {
        return WeightRule.dense(name, Parameter.UNEMBED, Parameter.UNEMBED_BIAS);
    }

    /** The pooler of that name. */
    static List<WeightRule> pooler(String name) {
        return WeightRule.dense(name, Parameter.POOLER, Parameter.POOLER_BIAS);
    }

    /** By class of the family, a classifier of each position has one of two names; a file has one of them. */
    static List<List<WeightRule>> perToken() {
        return List.of(classifier("classifier"), classifier("qa_outputs"));
    }

    /** {@code first}, then {@code second}. */
    static List<WeightRule> both(List<WeightRule> first, List<WeightRule> second) {
        List<WeightRule> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }
}
