package dev.kausal.engine.exec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Texts that attend together: continuations of one prompt, which share the keys and values of its beginning, or texts
 * that share nothing.
 *
 * @param stem index of the shared prompt; -1 if nothing is shared
 * @param texts in row order
 * @param slots stored own positions of each text, those of the next pass included; shorter texts leave the first ones
 *     unused
 */
record TextGroup(int stem, List<OpenText> texts, int slots) {
    /** Prompts that several texts continue, and the groups. */
    record Groups(List<OpenText> stems, List<TextGroup> groups) {}

    static Groups of(List<OpenText> texts) {
        Map<List<Integer>, List<OpenText>> byPrompt = new LinkedHashMap<>();
        for (OpenText text : texts) {
            List<Integer> ids = Arrays.stream(text.input().ids()).boxed().toList();
            byPrompt.computeIfAbsent(ids, key -> new ArrayList<>()).add(text);
        }
        List<OpenText> stems = new ArrayList<>();
        List<TextGroup> groups = new ArrayList<>();
        Map<Integer, List<OpenText>> alone = new TreeMap<>();
        for (List<OpenText> same : byPrompt.values()) {
            List<OpenText> sharing =
                    same.stream().filter(text -> text.ownFrom() > 0).toList();
            boolean shared = sharing.size() > 1;
            if (shared) {
                groups.add(first(stems.size(), sharing));
                stems.add(sharing.get(0));
            }
            Stream<OpenText> rest = shared ? same.stream().filter(text -> text.ownFrom() == 0) : same.stream();
            rest.forEach(text -> {
                text.alone();
                alone.computeIfAbsent(magnitude(text.length()), key -> new ArrayList<>())
                        .add(text);
            });
        }
        alone.values().forEach(these -> groups.add(first(-1, these)));
        return new Groups(stems, groups);
    }

    /** Groups lengths so that padding at most doubles a text. */
    private static int magnitude(int length) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(length - 1);
    }

    private static TextGroup first(int stem, List<OpenText> texts) {
        int slots = texts.stream()
                .mapToInt(text -> text.length() - text.firstNew())
                .max()
                .orElse(0);
        return new TextGroup(stem, texts, slots);
    }

    /** Returns the group of the texts at these places, each one token longer. */
    TextGroup next(int[] places) {
        return new TextGroup(stem, Arrays.stream(places).mapToObj(texts::get).toList(), slots + 1);
    }

    /** Returns the most new positions of a text. */
    int newPositions() {
        return texts.stream()
                .mapToInt(text -> text.length() - text.firstNew())
                .max()
                .orElse(0);
    }

    /** Returns the position from which a text's keys and values are its own. */
    int own(OpenText text) {
        return stem < 0 ? 0 : text.ownFrom();
    }
}
