package dev.kausal.engine.source;

import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Everything besides the reference that resolving a model depends on.
 *
 * @param cacheDir Kausal's cache
 * @param env looks up an environment variable; null if unset
 * @param offline whether downloads are disabled
 * @param progress receives one line per step
 * @param downloader fetches wheels
 * @param catalog models known by id
 */
public record SourceContext(
        Path cacheDir,
        UnaryOperator<String> env,
        boolean offline,
        Consumer<String> progress,
        Downloader downloader,
        Catalog catalog) {

    /** Returns the context of this process: its environment, pip, and the built-in catalog. */
    public static SourceContext ofProcess(boolean offline, Consumer<String> progress) {
        UnaryOperator<String> env = System::getenv;
        return new SourceContext(cacheDir(env), env, offline, progress, new PipDownloader(), Catalog.builtIn());
    }

    /** Returns Kausal's cache: $KAUSAL_HOME, else $XDG_CACHE_HOME/kausal, else ~/.cache/kausal. */
    public static Path cacheDir(UnaryOperator<String> env) {
        String home = env.apply("KAUSAL_HOME");
        return isSet(home) ? Path.of(home) : userCache(env).resolve("kausal");
    }

    /** Returns the Hub's local cache: $HF_HUB_CACHE, else $HF_HOME/hub, else huggingface/hub in the user's cache. */
    public Path hubCache() {
        String hub = env.apply("HF_HUB_CACHE");
        if (isSet(hub)) {
            return Path.of(hub);
        }
        String home = env.apply("HF_HOME");
        Path base = isSet(home) ? Path.of(home) : userCache(env).resolve("huggingface");
        return base.resolve("hub");
    }

    private static Path userCache(UnaryOperator<String> env) {
        String cache = env.apply("XDG_CACHE_HOME");
        return isSet(cache) ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
    }

    private static boolean isSet(String value) {
        return value != null && !value.isEmpty();
    }
}
