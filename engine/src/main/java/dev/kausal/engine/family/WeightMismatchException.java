package dev.kausal.engine.family;

import dev.kausal.engine.errors.KausalException;
import java.util.List;

/** A checkpoint whose tensors are not those that its config asks for. */
public final class WeightMismatchException extends KausalException {
    private static final long serialVersionUID = 1L;

    public WeightMismatchException(String message) {
        super(Blame.USER, message);
    }

    static WeightMismatchException names(Object where, String family, List<String> missing, List<String> extra) {
        return new WeightMismatchException("The weights of " + where + " are not those of the " + family
                + " model that its config describes: "
                + part("missing", missing) + (missing.isEmpty() || extra.isEmpty() ? "" : "; ")
                + part("not expected", extra) + ". " + advice(missing, extra));
    }

    /** What names say of the reason. */
    private static String advice(List<String> missing, List<String> extra) {
        if (extra.stream().anyMatch(name -> name.matches(".*\\.(qweight|qzeros|scales|g_idx|weight_scale(_inv)?)"))) {
            return "They are quantised, which Kausal reads from .gguf files only: take the model's unquantised"
                    + " checkpoint, or a .gguf of it.";
        }
        if (extra.stream().anyMatch(name -> name.contains(".lora_"))) {
            return "They are those of an adapter: open the adapter's own folder (adapter_config.json and"
                    + " adapter_model.safetensors), or merge it with peft (merge_and_unload).";
        }
        if (extra.isEmpty() && missing.size() == 1 && missing.get(0).matches(".*(head|embed_out|score|classifier).*")) {
            return "The file has no head. If it is a base model's, say so in config.json: an 'architectures' that ends"
                    + " with Model; if the head is the embedding's transpose, tie_word_embeddings true.";
        }
        if (extra.isEmpty()) {
            return "The file is incomplete, or belongs to another config: fetch both from one place.";
        }
        return "Config and weights do not belong together, or the model has parts that Kausal does not compute. Compare"
                + " 'architectures' in config.json with the names of the tensors.";
    }

    /** A tensor that the config, by {@code field}, or the family says the model lacks. */
    static WeightMismatchException denied(Object where, String family, String tensor, String field) {
        String why = field.isEmpty() ? family + " models have no such tensor" : field + " is false in config.json";
        return new WeightMismatchException(
                "The weights of " + where + " hold " + tensor + ", but " + why
                        + ". With it the model computes something else than without: correct the config, or remove the tensor.");
    }

    /** A tensor that the config, by {@code field}, or the family says the model has. */
    static WeightMismatchException lacking(Object where, String family, String tensor, String field) {
        String why = field.isEmpty() ? family + " models have it" : field + " in config.json asks for it";
        return new WeightMismatchException("The weights of " + where + " hold no " + tensor + ", but " + why
                + ". Without it the model computes something else: correct the config, or fetch the weights whole.");
    }

    /** A tensor that other layers have. */
    static WeightMismatchException lackingHere(Object where, String tensor) {
        return new WeightMismatchException("The weights of " + where + " hold no " + tensor
                + ", which other layers have. The file is incomplete: fetch it again.");
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
