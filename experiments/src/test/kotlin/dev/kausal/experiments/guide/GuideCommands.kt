package dev.kausal.experiments.guide

import dev.kausal.experiments.TypedCommands
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path

/**
 * The command lines of a page, as if typed in [folder]: `./kausal` in blocks of language `sh`.
 *
 * A comment `# ends with 2` names an exit code other than 0. A block of language `text` that follows holds lines that the
 * commands must have printed; `...` stands for anything.
 */
internal class GuideCommands(
    private val folder: Path,
    private val cache: Path,
) {
    /** Runs the commands of [page] that [wanted] accepts, in order. */
    fun run(page: MarkdownPage, wanted: (String) -> Boolean) {
        var said: String? = null
        for (block in page.blocks) {
            when (block.language) {
                "sh" -> {
                    val commands = block.lines.withIndex().filter { it.value.startsWith(LAUNCHER) }
                    val all = commands.all { wanted(it.value) }
                    val output = commands.filter { wanted(it.value) }.map { type(it.value, block.place(it.index)) }
                    said = if (all) output.joinToString("\n") else null
                }

                "text" -> {
                    said?.let { expect(block, it) }
                    said = null
                }

                else -> {
                    said = null
                }
            }
        }
    }

    private fun type(line: String, place: String): String {
        val code = EXIT.find(line)?.groupValues?.get(1)?.toInt() ?: 0
        val words = line.substringBefore(" #").removePrefix(LAUNCHER).trim().split(Regex(" +")).map(::here)
        val ended = TypedCommands(cache).run(words)
        withClue("$place: $line\n${ended.all}") { ended.code shouldBe code }
        return ended.all.replace("$folder/", "")
    }

    /** Files of the page lie in [folder]. */
    private fun here(word: String): String =
        if (word.endsWith(".kausal.kts") || word.startsWith("runs/")) "${folder.resolve(word)}" else word

    private fun expect(block: CodeBlock, said: String) {
        block.lines.filter { it.isNotBlank() }.forEachIndexed { index, line ->
            withClue(block.place(index)) {
                line.split("...").map { it.trim() }.filter { it.isNotEmpty() }.forEach { said shouldContain it }
            }
        }
    }

    private companion object {
        const val LAUNCHER = "./kausal "
        val EXIT = Regex("# .*ends with (\\d)")
    }
}
