package dev.kausal.experiments

import dev.kausal.engine.tensor.OpenMp
import dev.kausal.experiments.cli.CommandLine
import dev.kausal.experiments.cli.Console
import dev.kausal.experiments.cli.Session
import kotlin.system.exitProcess

/** Entry point of `./kausal`. */
public fun main(arguments: Array<String>) {
    OpenMp.observe()
    val words = arguments.toList()
    val session =
        Session(
            workbench = EngineWorkbench(),
            console = Console(System.out, System.err),
            cache = CacheFolder.of(System.getenv()),
            command = words,
            onTerminal = System.getProperty("kausal.terminal")?.toBoolean() ?: (System.console() != null),
        )
    val code = CommandLine(session).run(words)
    System.out.flush()
    exitProcess(code)
}
