package dev.kausal.engine.model;

import dev.kausal.engine.errors.KausalException;
import java.util.List;

/** A checkpoint whose tensors are not those that its config asks for. */
public final class WeightMismatchException extends KausalException {
    private static final long serialVersionUID = 1L;

    WeightMismatchException(String message) {
        super(Blame.USER, message);
    }

    static WeightMismatchException names(Object where, String family, List<String> missing, List<String> extra) {
        return new WeightMismatchException("The weights of " + where + " are not those of the " + family
                + " model that its config describes: "
                + part("missing", missing) + (missing.isEmpty() || extra.isEmpty() ? "" : "; ")
                + part("not expected", extra)
                + ". The file may be incomplete or belong to another config; fetch it again.");
    }

    /** A tensor that the config, by {@code field}, or the family says the model lacks. */
    static WeightMismatchException denied(Object where, String family, String tensor, String field) {
        String why = field.isEmpty() ? family + " models have no such tensor" : field + " is false in config.json";
        return new WeightMismatchException(
                "The weights of " + where + " hold " + tensor + ", but " + why
                        + ". With it the model computes something else than without: correct the config, or remove the tensor.");
    }

    /** A tensor of the head that only a model with a head of its own has. */
    static WeightMismatchException untied(Object where, String tensor) {
        return new WeightMismatchException("The weights of " + where + " hold no " + tensor
                + ", but config.json says that the head is not tied to the embedding (tie_word_embeddings is false), so that "
                + "nothing takes its place. Set tie_word_embeddings to true if the model was trained so.");
    }

    private static String part(String what, List<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        String shown = String.join(", ", names.subList(0, Math.min(4, names.size())));
        return names.size() + " " + what + " (" + shown + (names.size() > 4 ? ", ..." : "") + ")";
    }
}
