package dev.kausal.engine.hooks;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/** Selects hook points by layer, kind or name. Combine filters with {@code and}, {@code or} and {@code negate}. */
public final class HookFilter {
    private HookFilter() {}

    /** Selects points of these blocks. */
    public static Predicate<HookPoint> layers(int... layers) {
        int[] sorted = layers.clone();
        Arrays.sort(sorted);
        return point -> Arrays.binarySearch(sorted, point.layer()) >= 0;
    }

    /** Selects points of these kinds, in every block that has them. */
    public static Predicate<HookPoint> kinds(HookKind first, HookKind... others) {
        Set<HookKind> kinds = EnumSet.of(first, others);
        return point -> kinds.contains(point.kind());
    }

    /** Selects points whose canonical name {@code which} accepts. */
    public static Predicate<HookPoint> names(Predicate<String> which) {
        return point -> which.test(point.name());
    }
}
