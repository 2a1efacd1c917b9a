package dev.kausal.experiments

import dev.kausal.experiments.cli.CommandLine
import dev.kausal.experiments.cli.Console
import dev.kausal.experiments.cli.Session
import dev.kausal.experiments.schema.Schemas
import io.kotest.matchers.collections.shouldBeEmpty
import java.nio.file.Path

/** What a command line ended with and printed. */
internal class Said(
    val code: Int,
    val out: String,
    val err: String,
) {
    val all: String get() = out + err
}

/**
 * `kausal` over the real engine, as typed. Bundles that it writes must satisfy the published schema.
 *
 * @param cache Kausal's cache folder
 * @param folder where `new` puts scripts
 */
internal class TypedCommands(
    private val cache: Path,
    private val folder: Path = Path.of(""),
) {
    /** All that the last call of [invoke] printed. */
    val said = StringBuilder()

    /** Runs a command, with what it prints in [said], and returns its exit code. */
    operator fun invoke(vararg words: String): Int {
        val ended = run(words.toList())
        said.clear().append(ended.all)
        return ended.code
    }

    fun run(words: List<String>): Said {
        val out = StringBuilder()
        val err = StringBuilder()
        val session = Session(EngineWorkbench(), Console(out, err), cache, words, onTerminal = false, folder)
        val said = Said(CommandLine(session).run(words), out.toString(), err.toString())
        BUNDLE.find(out)?.let { written -> Schemas.mistakes(Path.of(written.groupValues[1])).shouldBeEmpty() }
        return said
    }

    private companion object {
        /** The line that tells where a command has written a bundle. */
        val BUNDLE = Regex("(?m)^bundle  (.+)$")
    }
}
