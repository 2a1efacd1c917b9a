package dev.kausal.engine.config;

import com.google.gson.annotations.SerializedName;
import dev.kausal.engine.names.NearestNames;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The arguments of a timm model: config.json's {@code model_args} first, then those of the entry point that {@code
 * architecture} names, then {@code pretrained_cfg}'s, then the class's defaults. Entry points come from
 * timm-models.json (written by bench/dump_timm_models.py).
 */
public final class TimmModels {
    private static final Known KNOWN = LibraryConfig.resource("timm-models.json", Known.class);
    /** Fields that affect only training, or how a pass is called. */
    private static final Set<String> WITHOUT_INFLUENCE = Set.of(
            "attn_drop_rate",
            "drop_path_rate",
            "drop_rate",
            "dynamic_img_size",
            "fix_init",
            "out_indices",
            "patch_drop_rate",
            "pos_drop_rate",
            "pretrained_strict",
            "proj_drop_rate",
            "strict_img_size",
            "weight_init");

    private TimmModels() {}

    private record Known(
            String library,
            Map<String, Object> defaults,
            @SerializedName("pretrained_cfg") Map<String, Object> pretrained,
            Map<String, Map<String, Object>> models,
            Map<String, String> renamed) {}

    /** Returns the arguments of the model that a config describes. */
    public static ConfigFields arguments(ConfigFields f) {
        Map<String, Object> entry = entry(f);
        ConfigFields own = f.nested("model_args").withoutNulls();
        Set<String> known = new TreeSet<>(KNOWN.defaults().keySet());
        known.addAll(WITHOUT_INFLUENCE);
        own.onlyNamed(known);
        return own.over(new ConfigFields(f.where(), entry))
                .over(new ConfigFields(f.where(), pretrainedArguments(f)))
                .over(new ConfigFields(f.where(), KNOWN.defaults()));
    }

    /**
     * Returns the arguments of the entry point; older names are aliases, and a suffix after a dot names the source of
     * the weights.
     */
    private static Map<String, Object> entry(ConfigFields f) {
        String name = f.text("architecture").orElse("").replaceFirst("\\..*$", "");
        Map<String, Object> entry = KNOWN.models().get(KNOWN.renamed().getOrDefault(name, name));
        if (entry == null) {
            List<String> nearest =
                    NearestNames.of(name, new TreeSet<>(KNOWN.models().keySet()), 3);
            throw new UnsupportedModelException(
                    f.where(),
                    "architecture",
                    name,
                    "the plain vision transformers of " + KNOWN.library() + ", such as " + String.join(", ", nearest));
        }
        return entry;
    }

    /** Returns the fields on preprocessing and classes; absent ones take timm's defaults. */
    static ConfigFields pretrained(ConfigFields f) {
        // Older configs have these fields at the top level.
        ConfigFields own = f.has("pretrained_cfg") ? f.nested("pretrained_cfg") : f;
        return own.withoutNulls().over(new ConfigFields(f.where(), KNOWN.pretrained()));
    }

    private static Map<String, Object> pretrainedArguments(ConfigFields f) {
        ConfigFields cfg = pretrained(f);
        List<Double> input = cfg.numbers("input_size", 3);
        Map<String, Object> arguments = new TreeMap<>();
        arguments.put("num_classes", f.has("num_classes") ? f.raw("num_classes") : cfg.raw("num_classes"));
        arguments.put("in_chans", input.get(0));
        if (cfg.flag("fixed_input_size") && !flexible(f)) {
            arguments.put("img_size", input.subList(1, 3));
        }
        return arguments;
    }

    /** Returns whether the model accepts images of other sizes than its position embeddings were made for. */
    static boolean flexible(ConfigFields f) {
        ConfigFields own = f.nested("model_args").over(new ConfigFields(f.where(), entry(f)));
        return own.flag("dynamic_img_size") || !own.flag("strict_img_size", true);
    }
}
