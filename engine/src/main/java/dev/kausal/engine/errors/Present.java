package dev.kausal.engine.errors;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads values that must be present; an absent one is a bug in Kausal, not a user's mistake. */
public final class Present {
    private Present() {}

    /**
     * Returns the value of a key.
     *
     * @throws IllegalStateException if the map has none
     */
    public static <K, V> V in(Map<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("nothing is kept for " + key);
        }
        return value;
    }

    /**
     * Returns a value that is not null.
     *
     * @param what name of the value, for the message
     * @throws IllegalStateException if it is null
     */
    public static <T> T of(@Nullable T value, String what) {
        if (value == null) {
            throw new IllegalStateException("there is no " + what);
        }
        return value;
    }
}
