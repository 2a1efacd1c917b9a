package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.path
import dev.kausal.experiments.notebook.KernelLibrary
import java.nio.file.Path

/** `kausal notebook`. */
internal class NotebookCommand(
    private val session: Session,
) : CliktCommand("notebook") {
    private val libraries: Path? by option(
        "--libraries",
        metavar = "DIR",
        help = "Folder of the kernel's libraries; ~/.jupyter_kotlin/libraries if it is left out",
    ).path()

    override fun help(context: Context): String =
        "Makes this installation known to Jupyter's Kotlin kernel, whose notebooks then begin with '%use kausal'."

    override fun run() {
        val file = KernelLibrary.ofProcess().write(libraries ?: KernelLibrary.folder)
        session.console.say("library  $file")
        session.console.say("next     pip install notebook kotlin-jupyter-kernel, if they are not there yet")
        session.console.say("         jupyter notebook, with the kernel 'Kotlin'; the first cell is: ${useOf(file)}")
    }

    private fun useOf(file: Path) = if (libraries == null) "%use kausal" else "%use @file[$file]"
}
