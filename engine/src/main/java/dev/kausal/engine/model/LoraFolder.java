package dev.kausal.engine.model;

import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.family.WeightMismatchException;
import dev.kausal.engine.source.ModelSources;
import dev.kausal.engine.source.SourceContext;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A PEFT folder with a LoRA adapter and no model: adapter_config.json, adapter_model.safetensors. */
final class LoraFolder {
    private static final String CONFIG = "adapter_config.json";
    private static final String PREFIX = "base_model.model.";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private final Path folder;
    private final ConfigFields f;

    private LoraFolder(Path folder) {
        this.folder = folder;
        this.f = ModelJson.read(folder, CONFIG);
    }

    /** Returns the adapter in {@code folder}, if it holds one and no model of its own. */
    static Optional<LoraFolder> at(Path folder) {
        boolean adapter = Files.exists(folder.resolve(CONFIG)) && !Files.exists(folder.resolve("config.json"));
        return adapter ? Optional.of(new LoraFolder(folder)) : Optional.empty();
    }

    /**
     * Returns the base model's folder: a path, relative to the adapter's folder, or a model in the Hub's local cache.
     */
    Path base() {
        String name = f.text("base_model_name_or_path").orElse("");
        if (name.isBlank()) {
            throw new ConfigException(
                    f.where(),
                    "field 'base_model_name_or_path' is missing.",
                    "Set the base model's folder or its name on the Hub.");
        }
        for (Path local : List.of(folder.toAbsolutePath().resolve(name), Path.of(name))) {
            if (Files.isDirectory(local)) {
                return local.normalize();
            }
        }
        boolean hub = name.matches("[A-Za-z0-9][\\w.-]*(/[A-Za-z0-9][\\w.-]*)?");
        if (!hub) {
            throw new ConfigException(
                    f.where(),
                    "field 'base_model_name_or_path' is " + name + ", which does not exist.",
                    "Copy the base model there, or correct the field.");
        }
        String revision = f.text("revision").map(rev -> "@" + rev).orElse("");
        return ModelSources.resolve("hf:" + name + revision, SourceContext.ofProcess(true, line -> {}))
                .path();
    }

    /** Returns the base's weights with this adapter merged in; owns {@code base}, and closes it on failure. */
    WeightStore over(WeightStore base, String modelType) {
        WeightStore adapter = null;
        try {
            refuse();
            adapter = WeightStores.open(folder.resolve("adapter_model.safetensors"));
            return merged(base, adapter, modelType);
        } catch (RuntimeException e) {
            base.close();
            if (adapter != null) {
                adapter.close();
            }
            throw e;
        }
    }

    private void refuse() {
        f.only("peft_type", "LORA", "LORA");
        f.only("use_dora", "false", false);
        f.only("lora_bias", "false", false);
        f.only("use_qalora", "false", false);
        f.only("use_bdlora", "none", false);
        for (String variant : List.of(
                "alora_invocation_tokens",
                "arrow_config",
                "kasa_config",
                "megatron_config",
                "monteclora_config",
                "velora_config")) {
            f.only(variant, "none");
        }
        f.only("layer_replication", "none", List.of());
        f.only("trainable_token_indices", "none", List.of());
        f.only("target_parameters", "none", List.of());
    }

    private WeightStore merged(WeightStore base, WeightStore adapter, String modelType) {
        Map<String, LoraMerge.Change> changes = new LinkedHashMap<>();
        Map<String, String> replaced = new LinkedHashMap<>();
        List<String> unknown = new ArrayList<>();
        for (String name : adapter.tensors().keySet()) {
            String module = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
            if (module.endsWith(A)) {
                String target = module.substring(0, module.length() - A.length());
                String tensor = inBase(base, target + ".weight").orElse(null);
                if (tensor == null || !adapter.tensors().containsKey(name.replace(A, B))) {
                    unknown.add(name);
                } else {
                    changes.put(
                            tensor,
                            new LoraMerge.Change(name, name.replace(A, B), scale(target), transposed(modelType)));
                }
            } else if (!module.contains(".lora_")) {
                replaced.put(inBase(base, module).orElse(module), name);
            } else if (!module.endsWith(B)) {
                unknown.add(name);
            }
        }
        if (!unknown.isEmpty()) {
            throw new WeightMismatchException(
                    "The adapter in " + folder + " changes tensors that its base model does not"
                            + " have, or in an unsupported way: " + String.join(", ", unknown)
                            + ". Merge it with peft (merge_and_unload) and open the merged folder.");
        }
        return new LoraMerge(base, adapter, changes, replaced);
    }

    /** Returns the base's own name of a tensor: files of base models lack the prefix. */
    private static Optional<String> inBase(WeightStore base, String name) {
        if (base.tensors().containsKey(name)) {
            return Optional.of(name);
        }
        return base.tensors().keySet().stream()
                .filter(own -> own.endsWith("." + name) || name.endsWith("." + own))
                .findFirst();
    }

    /** Returns alpha / rank, or alpha / sqrt(rank); a module may override both. */
    private double scale(String module) {
        double rank = moduleValue("rank_pattern", module).orElseGet(() -> (double) f.count("r"));
        double alpha = moduleValue("alpha_pattern", module).orElseGet(() -> f.positive("lora_alpha"));
        return f.flag("use_rslora", false) ? alpha / Math.sqrt(rank) : alpha / rank;
    }

    /** Returns a module's override. PEFT's patterns are regular expressions for the end of a module's name. */
    private Optional<Double> moduleValue(String field, String module) {
        if (f.raw(field) instanceof Map<?, ?> patterns) {
            return patterns.entrySet().stream()
                    .filter(entry -> Pattern.compile("(.*\\.)?(" + entry.getKey() + ")$")
                            .matcher(module)
                            .matches())
                    .findFirst()
                    .map(entry -> ((Number) entry.getValue()).doubleValue());
        }
        return Optional.empty();
    }

    /** Returns whether matrices are [in, out], as in GPT-2. */
    private boolean transposed(String modelType) {
        return f.flag("fan_in_fan_out", false) || modelType.equals("gpt2");
    }
}
