package dev.kausal.engine.source;

import dev.kausal.engine.files.CacheFolders;
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
        return new SourceContext(
                CacheFolders.kausal(env), env, offline, progress, new PipDownloader(), Catalog.builtIn());
    }

    /** Returns the Hub's local cache: $HF_HUB_CACHE, else $HF_HOME/hub, else huggingface/hub in the user's cache. */
    public Path hubCache() {
        String hub = env.apply("HF_HUB_CACHE");
        if (isSet(hub)) {
            return Path.of(hub);
        }
        String home = env.apply("HF_HOME");
        Path base = isSet(home) ? Path.of(home) : CacheFolders.user(env).resolve("huggingface");
        return base.resolve("hub");
    }

    private static boolean isSet(String value) {
        return value != null && !value.isEmpty();
    }
}
