package dev.kausal.engine.source;

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
    private static final List<String> SMALL = List.of(
            "config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "preprocessor_config.json");

    /** Returns the small files to fetch, config.json first. */
    List<String> small() {
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

    private String summary() {
        return names.isEmpty()
                ? "no files"
                : new TreeSet<>(names).stream().limit(12).collect(Collectors.joining(", "))
                        + (names.size() > 12 ? " and " + (names.size() - 12) + " more" : "");
    }
}
