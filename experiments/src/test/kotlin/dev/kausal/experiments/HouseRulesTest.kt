package dev.kausal.experiments

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.PathWalkOption
import kotlin.io.path.extension
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.readLines
import kotlin.io.path.relativeTo
import kotlin.io.path.walk

private const val FILE_BUDGET = 300

/** The command line, and the process that answers on standard output. */
private val PRINTING = setOf("Main.kt", "Progress.kt", "ChildTokenizer.java")

/** Rules of CONTRIBUTING.md that no compiler, formatter or analyser checks. */
class HouseRulesTest :
    FunSpec({
        val root = Path.of("..").toRealPath()
        val sources = sources(root)
        val ofModules = listOf("engine", "dsl", "reports", "experiments", "notebook")

        test("every module has files that these rules see") {
            sources.keys.map { it.substringBefore('/') }.distinct() shouldContainAll ofModules
        }

        test("a file of main code has fewer than $FILE_BUDGET lines: split it by ideas") {
            val over = sources.filterValues { it.size >= FILE_BUDGET }
            over.map { (name, lines) -> "$name: ${lines.size}" }.shouldBeEmpty()
        }

        test("only processes of their own print: everything else gives back what it has to say") {
            val prints = Regex("""System\.(out|err)""")
            val kotlin = Regex("""(?<![.\w])print(ln)?\(""")
            val found = sources.filter { (name, lines) ->
                lines.any { prints.containsMatchIn(it) || (name.endsWith(".kt") && kotlin.containsMatchIn(it)) }
            }.keys
            found.filterNot { it.substringAfterLast('/') in PRINTING }.shouldBeEmpty()
        }

        test(
            "markup comes from the builder: no string of a report holds an element, and nothing else is added unescaped",
        ) {
            val literal = Regex(""""(?:[^"\\]|\\.)*"""")
            val element = Regex("<[A-Za-z/]")
            val comment = Regex("""^\s*(/?\*|//).*""")
            val reports = sources.filterKeys { it.startsWith("reports/") }
            val written = reports.filterValues { lines ->
                lines.any { line ->
                    !comment.matches(line) && literal.findAll(line).any { element.containsMatchIn(it.value) }
                }
            }.keys
            written.map { it.substringAfterLast('/') } shouldContainExactlyInAnyOrder listOf("Markup.kt")
            val unescaped = reports.filterValues { lines -> lines.any { "unsafe {" in it } }.keys
            unescaped.map { it.substringAfterLast('/') } shouldContainExactlyInAnyOrder
                listOf("Markup.kt", "PageFrame.kt")
        }

        test("no file is left for later") {
            val later = Regex("\\b(TO" + "DO|FIX" + "ME|XXX)\\b")
            sources.filterValues { lines -> lines.any { later.containsMatchIn(it) } }.keys.shouldBeEmpty()
        }
    })

/** Lines of each file of main code, by its path in the repository. */
@OptIn(ExperimentalPathApi::class)
private fun sources(root: Path): Map<String, List<String>> =
    listOf("engine", "dsl", "reports", "experiments", "notebook").flatMap { module ->
        root.resolve(module).walk(PathWalkOption.BREADTH_FIRST)
            .filter { it.extension == "kt" || it.extension == "java" }
            .filter {
                "/src/main/" in it.invariantSeparatorsPathString &&
                    "/target/" !in it.invariantSeparatorsPathString
            }
            .map { it.relativeTo(root).invariantSeparatorsPathString to it.readLines() }
            .toList()
    }.toMap()
