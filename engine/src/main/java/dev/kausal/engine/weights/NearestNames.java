package dev.kausal.engine.weights;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names most like a mistyped one, by edit distance. */
final class NearestNames {
    private static final int SHOWN = 3;
    private static final int COMPARED_CHARS = 200;

    private NearestNames() {}

    static List<String> of(String name, Collection<String> known) {
        Map<String, Integer> distances = new HashMap<>();
        for (String candidate : known) {
            distances.put(candidate, distance(cut(name), cut(candidate)));
        }
        return known.stream()
                .sorted(Comparator.comparing(distances::get))
                .limit(SHOWN)
                .toList();
    }

    private static String cut(String text) {
        return text.length() <= COMPARED_CHARS ? text : text.substring(0, COMPARED_CHARS);
    }

    /** Levenshtein distance, one row at a time. */
    static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int swap = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(swap, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[right.length()];
    }
}
