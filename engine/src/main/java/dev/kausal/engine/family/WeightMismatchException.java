package dev.kausal.engine.family;

import dev.kausal.engine.errors.KausalException;
import java.util.List;

/** A checkpoint whose tensors do not match its config. */
public final class WeightMismatchException extends KausalException {
    private static final long serialVersionUID = 1L;

    public WeightMismatchException(String message) {
        super(Blame.USER, message);
    }

    static WeightMismatchException names(Object where, String family, List<String> missing, List<String> extra) {
        return new WeightMismatchException("The weights of " + where + " do not match the " + family
                + " model in its config: "
                + part("missing", missing) + (missing.isEmpty() || extra.isEmpty() ? "" : "; ")
                + part("not expected", extra) + ". " + advice(missing, extra));
    }

    /** Infers advice from the names. */
    private static String advice(List<String> missing, List<String> extra) {
        if (extra.stream().anyMatch(name -> name.matches(".*\\.(qweight|qzeros|scales|g_idx|weight_scale(_inv)?)"))) {
            return "They are quantised, which Kausal reads only from .gguf files: use the model's unquantised"
                    + " checkpoint, or a .gguf of it.";
        }
        if (extra.stream().anyMatch(name -> name.contains(".lora_"))) {
            return "They belong to an adapter: open the adapter's own folder (adapter_config.json and"
                    + " adapter_model.safetensors), or merge it with peft (merge_and_unload).";
        }
        if (extra.isEmpty() && missing.size() == 1 && missing.get(0).matches(".*(head|embed_out|score|classifier).*")) {
            return "The file has no head. For a base model, set 'architectures' in config.json to a class name that ends"
                    + " in Model; if the head is the embedding's transpose, set tie_word_embeddings to true.";
        }
        if (extra.isEmpty()) {
            return "The file is incomplete or belongs to another config: fetch both from one source.";
        }
        return "Config and weights do not match, or the model has parts that Kausal does not compute. Compare"
                + " 'architectures' in config.json with the tensor names.";
    }

    /** Creates an error for a tensor that the model lacks according to the config's {@code field} or the family. */
    static WeightMismatchException denied(Object where, String family, String tensor, String field) {
        String why = field.isEmpty() ? family + " models have no such tensor" : field + " is false in config.json";
        return new WeightMismatchException("The weights of " + where + " hold " + tensor + ", but " + why
                + ". The tensor would change the model's results: correct the config, or remove the tensor.");
    }

    /**
     * Creates an error for a missing tensor that the model has according to the config's {@code field} or the family.
     */
    static WeightMismatchException lacking(Object where, String family, String tensor, String field) {
        String why = field.isEmpty() ? family + " models have it" : field + " in config.json asks for it";
        return new WeightMismatchException("The weights of " + where + " hold no " + tensor + ", but " + why
                + ". The model's results depend on it: correct the config, or fetch the complete weights.");
    }

    /** Creates an error for a missing tensor that other layers have. */
    static WeightMismatchException lackingHere(Object where, String tensor) {
        return new WeightMismatchException("The weights of " + where + " hold no " + tensor
                + ", which other layers have. The file is incomplete: fetch it again.");
    }

    /** Creates an error for a missing tensor of an untied head. */
    static WeightMismatchException untied(Object where, String tensor) {
        return new WeightMismatchException(
                "The weights of " + where + " hold no " + tensor
                        + ", but in config.json the head is not tied to the embedding (tie_word_embeddings is false), so "
                        + "the embedding cannot replace it. Set tie_word_embeddings to true if the model was trained that way.");
    }

    private static String part(String what, List<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        String shown = String.join(", ", names.subList(0, Math.min(4, names.size())));
        return names.size() + " " + what + " (" + shown + (names.size() > 4 ? ", ..." : "") + ")";
    }
}
