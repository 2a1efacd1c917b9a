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

    private static String part(String what, List<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        String shown = String.join(", ", names.subList(0, Math.min(4, names.size())));
        return names.size() + " " + what + " (" + shown + (names.size() > 4 ? ", ..." : "") + ")";
    }
}
