package dev.kausal.engine.source;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The contents of a repository at a commit.
 *
 * @param ref the requested model
 * @param commit commit of the revision
 * @param names names of all files
 */
record HubListing(HubRef ref, String commit, Set<String> names) {
    private static final int MOST_NAMED = 30;
    private static final List<String> SMALL = List.of(
            "config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "preprocessor_config.json");

    /** Returns the .gguf files to fetch, for a reference that names one. */
    List<String> gguf() {
        List<String> parts = HubGguf.parts(ref.file());
        List<String> missing =
                parts.stream().filter(part -> !names.contains(part)).toList();
        if (!missing.isEmpty()) {
            throw new HubModelUnusable(ref, String.join(", ", missing), models());
        }
        return parts;
    }

    /** Returns the small files to fetch, config.json first. */
    List<String> small() {
        if (!HubGguf.models(names).isEmpty() && names.stream().noneMatch(name -> name.endsWith(".safetensors"))) {
            throw new HubModelUnusable(ref, "safetensors weights and config.json", models());
        }
        if (!names.contains("config.json")) {
            throw new HubModelUnusable(ref, "config.json", summary());
        }
        return SMALL.stream().filter(names::contains).toList();
    }

    /** Returns the weights file, or the index of several. */
    String weights() {
        for (String name : List.of(HubCache.WEIGHTS, HubCache.INDEX)) {
            if (names.contains(name)) {
                return name;
            }
        }
        List<String> all = names.stream()
                .filter(name -> name.matches("\\w[\\w.-]*\\.safetensors"))
                .toList();
        if (all.size() != 1) {
            throw new HubModelUnusable(ref, HubCache.WEIGHTS + " or " + HubCache.INDEX, summary());
        }
        return all.get(0);
    }

    /** Checks the names in an index. */
    List<String> shards(Set<String> indexed) {
        List<String> strange = indexed.stream()
                .filter(name -> !names.contains(name) || !name.matches("\\w[\\w.-]*"))
                .toList();
        if (indexed.isEmpty() || !strange.isEmpty()) {
            String found =
                    indexed.isEmpty() ? "an index that names none" : String.join(", ", strange) + " in its index";
            throw new HubModelUnusable(ref, "every weight file that " + HubCache.INDEX + " names", found);
        }
        return List.copyOf(indexed);
    }

    /** Returns the .gguf models, or all files if there are none. */
    private String models() {
        List<String> models = HubGguf.models(names);
        return models.isEmpty() ? summary() : list(models);
    }

    private String summary() {
        return names.isEmpty() ? "no files" : list(new TreeSet<>(names));
    }

    private static String list(Collection<String> files) {
        return files.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
                + (files.size() > MOST_NAMED ? " and " + (files.size() - MOST_NAMED) + " more" : "");
    }
}
