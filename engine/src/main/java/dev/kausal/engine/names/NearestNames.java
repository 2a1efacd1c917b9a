package dev.kausal.engine.names;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Names most similar to a mistyped or abbreviated one, by edit distance, ignoring case. */
public final class NearestNames {
    private static final int COMPARED_CHARS = 200;
    /** Minimum length of a distinctive part of a name. */
    private static final int TELLING_CHARS = 3;

    private NearestNames() {}

    /**
     * Returns the {@code limit} most similar names of {@code known}, best first; ties keep the order of {@code known}.
     */
    public static List<String> of(String name, Collection<String> known, int limit) {
        Map<String, Integer> distances = new HashMap<>();
        known.forEach(candidate -> distances.put(candidate, distance(name, candidate)));
        return known.stream()
                .sorted(Comparator.comparing(distances::get))
                .limit(limit)
                .toList();
    }

    /** Returns the name that was probably meant: the nearest, unless more than half of it would have to change. */
    public static Optional<String> meant(String name, Collection<String> known) {
        return of(name, known, 1).stream()
                .filter(nearest -> distance(name, nearest) <= nearest.length() / 2)
                .findFirst();
    }

    /** Returns the number of edits to a name; 0 if {@code written} is a distinctive part of it. */
    private static int distance(String written, String name) {
        String part = comparable(written);
        String whole = comparable(name);
        return part.length() >= TELLING_CHARS && whole.contains(part) ? 0 : edits(part, whole);
    }

    private static String comparable(String text) {
        String cut = text.length() <= COMPARED_CHARS ? text : text.substring(0, COMPARED_CHARS);
        return cut.toLowerCase(Locale.ROOT);
    }

    /** Computes the Levenshtein distance, one row at a time. */
    private static int edits(String left, String right) {
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
