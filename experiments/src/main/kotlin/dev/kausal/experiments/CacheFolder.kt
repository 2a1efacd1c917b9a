package dev.kausal.experiments

import java.nio.file.Path

/** Folder of data that can be recreated: compiled scripts, extracted studies, pulled models. */
internal object CacheFolder {
    /**
     * Returns `$KAUSAL_HOME`, else `$XDG_CACHE_HOME/kausal`, else `~/.cache/kausal`. An empty variable counts as unset.
     */
    fun of(environment: Map<String, String>, userHome: String = System.getProperty("user.home")): Path {
        environment["KAUSAL_HOME"]?.takeIf(String::isNotEmpty)?.let { return Path.of(it) }
        environment["XDG_CACHE_HOME"]?.takeIf(String::isNotEmpty)?.let { return Path.of(it, "kausal") }
        return Path.of(userHome, ".cache", "kausal")
    }
}
