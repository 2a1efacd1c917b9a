package dev.kausal.experiments.cli

import java.io.IOException
import java.net.URI

/** Opens pages in the user's browser. */
internal class PageOpener(
    private val environment: Map<String, String> = System.getenv(),
    private val start: (List<String>) -> Unit = { words ->
        ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
    },
) {
    /** Opens [page] by `BROWSER`, or the desktop's own command. Returns whether one started. */
    fun open(page: URI): Boolean {
        val named = environment["BROWSER"].orEmpty().split(':').filter { it.isNotBlank() }
        return (named + DESKTOPS).any { command ->
            try {
                start(command.trim().split(' ') + page.toString())
                true
            } catch (_: IOException) {
                false
            }
        }
    }

    private companion object {
        /** Commands of Linux, macOS. */
        val DESKTOPS = listOf("xdg-open", "open")
    }
}
