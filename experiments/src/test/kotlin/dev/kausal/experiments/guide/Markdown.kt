package dev.kausal.experiments.guide

import java.nio.file.Path
import kotlin.io.path.readLines

/**
 * A fenced block of a page.
 *
 * @property line of the page that its first line is, counted from 1
 * @property language the first word after the fence
 * @property name what follows it: the file that the block is
 */
internal data class CodeBlock(
    val page: Path,
    val line: Int,
    val language: String,
    val name: String?,
    val lines: List<String>,
) {
    val text: String get() = lines.joinToString("\n", postfix = "\n")

    /** As failures name line [index] of the block, counted from 0. */
    fun place(index: Int = 0): String = "$page:${line + index}"
}

/** A page of the documentation, cut into its fenced blocks and the lines around them. */
internal class MarkdownPage(
    val path: Path,
) {
    val blocks: List<CodeBlock>

    /** Everything outside the blocks. */
    val prose: List<String>

    init {
        val found = mutableListOf<CodeBlock>()
        val around = mutableListOf<String>()
        var open: CodeBlock? = null
        path.readLines().forEachIndexed { index, text ->
            val block = open
            when {
                block == null && text.startsWith(FENCE) -> {
                    val info = text.removePrefix(FENCE).trim()
                    val name = info.substringAfter(' ', "").trim().ifEmpty { null }
                    open = CodeBlock(path, index + 2, info.substringBefore(' '), name, emptyList())
                }

                block == null -> {
                    around += text
                }

                text.startsWith(FENCE) -> {
                    found += block
                    open = null
                }

                else -> {
                    open = block.copy(lines = block.lines + text)
                }
            }
        }
        check(open == null) { "$path: the block of line ${open?.line} is not closed" }
        blocks = found
        prose = around
    }

    private companion object {
        const val FENCE = "```"
    }
}
