package dev.kausal.engine.files;

import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Where caches are, as environment variables say. */
public final class CacheFolders {
    private CacheFolders() {}

    /** Returns Kausal's cache: $KAUSAL_HOME, else $XDG_CACHE_HOME/kausal, else ~/.cache/kausal. */
    public static Path kausal(UnaryOperator<@Nullable String> env) {
        String home = env.apply("KAUSAL_HOME");
        return isSet(home) ? Path.of(home) : user(env).resolve("kausal");
    }

    /** Returns the user's cache: $XDG_CACHE_HOME, else ~/.cache. */
    public static Path user(UnaryOperator<@Nullable String> env) {
        String cache = env.apply("XDG_CACHE_HOME");
        return isSet(cache) ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
    }

    private static boolean isSet(@Nullable String value) {
        return value != null && !value.isEmpty();
    }
}
