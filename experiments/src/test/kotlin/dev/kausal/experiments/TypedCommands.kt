package dev.kausal.experiments

import dev.kausal.experiments.cli.CommandLine
import dev.kausal.experiments.cli.Console
import dev.kausal.experiments.cli.Session
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
 * `kausal` over the real engine, as typed.
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
        return Said(CommandLine(session).run(words), out.toString(), err.toString())
    }
}
