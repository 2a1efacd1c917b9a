package dev.kausal.engine.names;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Names most like a mistyped or shortened one, by edit distance; case does not count. */
public final class NearestNames {
    private static final int COMPARED_CHARS = 200;
    /** Letters that make a part of a name telling. */
    private static final int TELLING_CHARS = 3;

    private NearestNames() {}

    /** The {@code limit} names of {@code known} most like {@code name}, best first, ties as in {@code known}. */
    public static List<String> of(String name, Collection<String> known, int limit) {
        Map<String, Integer> distances = new HashMap<>();
        known.forEach(candidate -> distances.put(candidate, distance(name, candidate)));
        return known.stream()
                .sorted(Comparator.comparing(distances::get))
                .limit(limit)
                .toList();
    }

    /** The name that was probably meant: the nearest, unless more than half of it would have to change. */
    public static Optional<String> meant(String name, Collection<String> known) {
        return of(name, known, 1).stream()
                .filter(nearest -> distance(name, nearest) <= nearest.length() / 2)
                .findFirst();
    }

    /** Edits from what was written to a name; none if it is a telling part of the name. */
    private static int distance(String written, String name) {
        String part = comparable(written);
        String whole = comparable(name);
        return part.length() >= TELLING_CHARS && whole.contains(part) ? 0 : edits(part, whole);
    }

    private static String comparable(String text) {
        String cut = text.length() <= COMPARED_CHARS ? text : text.substring(0, COMPARED_CHARS);
        return cut.toLowerCase(Locale.ROOT);
    }

    /** Levenshtein distance, one row at a time. */
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
