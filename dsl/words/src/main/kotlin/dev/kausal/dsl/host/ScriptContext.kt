package dev.kausal.dsl.host

import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap

/**
 * A script's context, set by the host around its evaluation with [use].
 *
 * @property folder the script's folder; files are named relative to it
 * @property scriptName the script's file name
 * @property settings values of `--set NAME=VALUE`
 * @property text the script's text, from which sets of inputs take their names; null if unavailable
 */
public data class ScriptContext(
    val folder: Path,
    val scriptName: String,
    val settings: Map<String, String> = emptyMap(),
    val text: String? = null,
) {
    private val named: MutableSet<Path> = ConcurrentHashMap.newKeySet()

    /** Files and folders that the script has named so far as its inputs. */
    public val files: Set<Path> get() = named.toSet()

    /** Returns the input called [path], relative to the script's folder; from now on one of [files]. */
    public fun file(path: String): Path = folder.resolve(path).also { named.add(it) }

    public companion object {
        private val ambient = ThreadLocal<ScriptContext?>()

        /** The context set by [use] on this thread, else the working folder without settings. */
        public val current: ScriptContext
            get() = ambient.get() ?: ScriptContext(Path.of(""), "script.kausal.kts")

        /** Makes [context] the [current] one of this thread, for hosts that evaluate a script elsewhere, such as a notebook. */
        public fun enter(context: ScriptContext): Unit = ambient.set(context)

        /** Runs [block] with [context] as [current]. */
        public fun <T> use(
            context: ScriptContext,
            block: () -> T,
        ): T {
            val outer = ambient.get()
            ambient.set(context)
            try {
                return block()
            } finally {
                if (outer == null) ambient.remove() else ambient.set(outer)
            }
        }

        /**
         * Parses the arguments of `--set`, each `NAME=VALUE`, to a map; throws [ScriptMistakes] if one is malformed.
         */
        public fun settings(arguments: List<String>): Map<String, String> {
            val mistakes = mutableListOf<Mistake>()
            val settings = LinkedHashMap<String, String>()
            for (argument in arguments) {
                val name = argument.substringBefore('=')
                if ('=' !in argument || name.isEmpty()) {
                    mistakes += Mistake.MalformedSetting(argument)
                } else if (settings.put(name, argument.substringAfter('=')) != null) {
                    mistakes += Mistake.DuplicateSetting(name)
                }
            }
            if (mistakes.isNotEmpty()) throw ScriptMistakes(mistakes.distinct())
            return settings
        }
    }
}
