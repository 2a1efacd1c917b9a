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

/** A folder of PEFT that holds a LoRA adapter and no model: adapter_config.json, adapter_model.safetensors. */
final class LoraFolder {
    private static final String CONFIG = "adapter_config.json";
    private static final String PREFIX = "base_model.model.";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private final Path folder;
    private final ConfigFields f;

    private LoraFolder(Path folder) {
        this.folder = folder;
        this.f = ModelSource.json(folder, CONFIG);
    }

    /** The adapter in {@code folder}, where it holds one and no model of its own. */
    static Optional<LoraFolder> at(Path folder) {
        boolean adapter = Files.exists(folder.resolve(CONFIG)) && !Files.exists(folder.resolve("config.json"));
        return adapter ? Optional.of(new LoraFolder(folder)) : Optional.empty();
    }

    /** The base model's folder: a path, from the adapter's folder on, or a model in the Hub's local cache. */
    Path base() {
        String name = f.text("base_model_name_or_path").orElse("");
        if (name.isBlank()) {
            throw new ConfigException(
                    f.where(),
                    "field 'base_model_name_or_path' is missing.",
                    "The base model's folder or its name on the Hub belongs there.");
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
                    "field 'base_model_name_or_path' is " + name + ", and there is no such folder.",
                    "Put the base model's folder there.");
        }
        String revision = f.text("revision").map(rev -> "@" + rev).orElse("");
        return ModelSources.resolve("hf:" + name + revision, SourceContext.ofProcess(true, line -> {}))
                .path();
    }

    /** The base's weights with this adapter merged in; owns {@code base}, and closes it where it fails. */
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
                    "The adapter in " + folder + " changes what its base model's file does not"
                            + " hold, or in a way that is not merged: " + String.join(", ", unknown)
                            + ". Merge it with peft (merge_and_unload) and open the merged folder.");
        }
        return new LoraMerge(base, adapter, changes, replaced);
    }

    /** The base's own name of a tensor: files of base models lack the beginning. */
    private static Optional<String> inBase(WeightStore base, String name) {
        if (base.tensors().containsKey(name)) {
            return Optional.of(name);
        }
        return base.tensors().keySet().stream()
                .filter(own -> own.endsWith("." + name) || name.endsWith("." + own))
                .findFirst();
    }

    /** alpha / rank, or alpha / sqrt(rank); a module may have its own of both. */
    private double scale(String module) {
        double rank = own("rank_pattern", module).orElseGet(() -> (double) f.count("r"));
        double alpha = own("alpha_pattern", module).orElseGet(() -> f.positive("lora_alpha"));
        return f.flag("use_rslora", false) ? alpha / Math.sqrt(rank) : alpha / rank;
    }

    /** PEFT's patterns are regular expressions of the end of a module's name. */
    private Optional<Double> own(String field, String module) {
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

    /** GPT-2 keeps its matrices as [in, out]. */
    private boolean transposed(String modelType) {
        return f.flag("fan_in_fan_out", false) || modelType.equals("gpt2");
    }
}
