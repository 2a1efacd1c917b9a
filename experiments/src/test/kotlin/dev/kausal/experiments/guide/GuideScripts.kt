package dev.kausal.experiments.guide

import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.experiments.EngineWorkbench
import dev.kausal.experiments.EvaluatedScript
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.Silence
import dev.kausal.experiments.script.ScriptCompileException
import dev.kausal.experiments.script.ScriptHost
import dev.kausal.experiments.script.ScriptSource
import java.nio.file.Path

/**
 * The Kotlin blocks of one page as experiments.
 *
 * A block that begins with `experiment(` is a whole script. Where one of its lines is [MARK], it is a frame: each block
 * after it that is no script is an example of it, and runs in place of that line. To compile once, all experiments of a
 * page are one script, a list of them.
 *
 * @param stands texts that stand for others, such as a folder that the reader has and the test does not
 */
internal class GuideScripts(
    page: MarkdownPage,
    private val stands: Map<String, String> = emptyMap(),
) {
    /** One experiment: its lines, each with the place where the page has it. */
    private class Written(
        val block: CodeBlock,
        val lines: List<Pair<String, String>>,
    )

    private val written = experiments(page)

    private val lines: List<Pair<String, String>> =
        listOf("listOf(" to "${page.path}") + written.flatMap { it.lines + ("," to it.block.place()) } +
            listOf(")" to "${page.path}")

    /** Name of each experiment: the place of its block. */
    val places: List<String> get() = written.map { it.block.place() }

    private fun source(folder: Path): ScriptSource =
        ScriptSource("guide.kausal.kts", folder, lines.joinToString("\n") { it.first })

    /** Compiles all of them; complaints name lines of the page. */
    fun compile(host: ScriptHost, folder: Path): List<ExperimentDeclaration> {
        val source = source(folder)
        val value =
            try {
                host.evaluate(source, { EngineWorkbench().evaluating(source, emptyMap(), it) }) { it is List<*> }
            } catch (e: ScriptCompileException) {
                throw AssertionError(e.errors.joinToString("\n") { "${at(it.line)}: ${it.message}" }, e)
            } catch (e: ScriptMistakes) {
                throw AssertionError(said(e), e)
            }
        return (value as List<*>).map { it as ExperimentDeclaration }
    }

    /** Runs one of them, bundle and all. */
    fun run(declaration: ExperimentDeclaration, folder: Path, out: Path) {
        try {
            EngineWorkbench().run(EvaluatedScript(source(folder), declaration), RunOptions(out = out), Silence)
        } catch (e: ScriptMistakes) {
            throw AssertionError(said(e), e)
        }
    }

    private fun said(e: ScriptMistakes) = e.mistakes.joinToString("\n") { "${at(it.line)}: ${it.message}" }

    private fun at(line: Int?): String = line?.let { lines.getOrNull(it - 1)?.second } ?: "the page"

    private fun experiments(page: MarkdownPage): List<Written> {
        val found = mutableListOf<Written>()
        var frame: CodeBlock? = null
        for (block in page.blocks.filter { it.language == "kotlin" && it.name == null }) {
            val around = frame
            if (block.lines.any { it.startsWith("experiment(") }) {
                if (block.lines.any(::isMark)) frame = block else found += Written(block, numbered(block))
            } else {
                checkNotNull(around) { "${block.place()} is an example, but no frame is above it" }
                val (before, after) = numbered(around).let { lines ->
                    val mark = around.lines.indexOfFirst(::isMark)
                    lines.take(mark) to lines.drop(mark + 1)
                }
                found += Written(block, before + numbered(block) + after)
            }
        }
        return found
    }

    private fun numbered(block: CodeBlock) = block.lines.mapIndexed { index, line -> meant(line) to block.place(index) }

    private fun meant(line: String) = stands.entries.fold(line) { text, (from, to) -> text.replace(from, to) }

    private fun isMark(line: String) = line.trim() == MARK

    private companion object {
        const val MARK = "// examples"
    }
}
