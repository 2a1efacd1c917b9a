package dev.kausal.notebook

import dev.kausal.bundle.Bundle
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.math.abs

/** Notebooks in the kernel, from `kausal notebook` to their outputs. */
class NotebookTest :
    FunSpec({
        val folder = tempdir().toPath()
        val library = lazy {
            val printed = Installation.kausal(folder, "notebook", "--libraries", "$folder/libraries")
            printed shouldContain "%use @file[$folder/libraries/kausal.json]"
            folder.resolve("libraries/kausal.json")
        }

        /** Executes a notebook of the tests or examples in a folder of its own. */
        fun executed(name: String, from: Path): Pair<ExecutedNotebook, Path> {
            val place = folder.resolve(name).createDirectories()
            val out = place.resolve("executed.ipynb")
            KernelFolder.python("execute.py", from.resolve("$name.ipynb").toAbsolutePath(), out, place, library.value)
            return ExecutedNotebook(out) to place
        }

        fun ExecutedNotebook.shouldBeClean() {
            for (cell in cells) {
                for (output in cell.outputs) {
                    withClue("${cell.code}\n${output.told}") {
                        (output.kind in setOf("display_data", "execute_result")) shouldBe true
                        output.html shouldNotContain "<progress"
                        output.told shouldBe ""
                    }
                }
            }
        }

        fun inKernel(name: String, body: () -> Unit) = test(name).config(enabled = KernelFolder.isThere) { body() }

        inKernel("a model is asked in single cells, and then by an experiment") {
            val (book) = executed("explore", Path.of("examples"))
            book.shouldBeClean()
            book.cell("lm.next").outputs.last().plain shouldContain "\" Paris\" 0.99"
            book.cell("lm.attention").outputs.last().run {
                html shouldContain "sandbox=\"allow-scripts\""
                svg shouldContain "<svg"
                plain shouldContain "Attention of head 1.2"
            }
            val recovery = Regex("recovery (\\S+)").find(book.cell("lm.patch").outputs.last().plain)!!.groupValues[1]
            recovery.toDouble() shouldBe (1.0 plusOrMinus 0.02)
            book.cell("experiment(\"heads\")").outputs.filter { it.svg.isNotEmpty() } shouldHaveSize 1
            book.cell("heads.cells").outputs.single().plain shouldContain "needed: 16 rows of layer, head, mean"
        }

        inKernel("an experiment has the numbers and figures that it has on the command line") {
            val (book, place) = executed("fact-recall", Path.of("examples"))
            book.shouldBeClean()
            val cell = book.cell("experiment(\"recall\")")
            cell.outputs.count { "kausal-figure" in it.html } shouldBe 4
            cell.outputs.first().html shouldContain "4 results in runs"
            val ofNotebook = place.resolve("runs").listDirectoryEntries("recall-*").single()
            val script = cell.code.substringAfter("val recall = ").removeSuffix(".run()")
            place.resolve("recall.kausal.kts").writeText(script)
            Installation.kausal(place, "run", "recall.kausal.kts", "--out", "typed")
            val (one, other) = listOf(ofNotebook, place.resolve("typed")).map(Bundle::read)
            one.results.results.map { it.name } shouldContainExactly other.results.results.map { it.name }
            one.results.results.zip(other.results.results).forEach { (a, b) ->
                a.perExample.flatten().zip(b.perExample.flatten()).forEach { (x, y) ->
                    if (x == null || y == null) {
                        x shouldBe y
                    } else {
                        withClue("${a.name}: $x and $y") { abs(x - y) shouldBeLessThan 1e-3 + 1e-4 * abs(y) }
                    }
                }
            }
            one.script shouldBe cell.code
            Installation.kausal(place, "verify", "$ofNotebook") shouldContain "verified"
        }

        inKernel("mistakes are listed with the cell's lines, without a stack trace, and later cells run") {
            val (book) = executed("mistakes", Path.of("src/test/notebooks"))
            book.cell("experiment(\"wrong\")").outputs.last().run {
                plain shouldContain "has 3 mistakes:"
                plain shouldContain ":5:54: the answer must be one token"
                html shouldContain "border-left"
                html shouldNotContain "at dev.kausal"
            }
            book.cell("embedded:none").outputs.last().plain shouldContain "Expected an embedded model, found \"none\""
            book.cell("top = 0").outputs.last().plain shouldContain "top is 0, but must be from 1"
            book.cell("no such result").outputs.last().plain shouldContain "Did you mean 'needed'?"
        }

        inKernel("a data frame takes the columns of a result as they are") {
            val (book) = executed("data-frame", Path.of("src/test/notebooks"))
            if (book.cell("%use dataframe").outputs.any { it.told.isNotEmpty() }) {
                println("SKIPPED: data frames in notebooks, whose library could not be fetched")
                check(System.getenv("CI") != "true") { "CI must have a network" }
            } else {
                book.shouldBeClean()
                book.cell("sortBy").outputs.single().plain shouldBe "16"
                book.cell("type()").outputs.single().plain shouldBe "kotlin.Int"
            }
        }

        inKernel("an interrupted cell ends soon, its partial bundle goes, and the model stays open for later cells") {
            val place = folder.resolve("interrupt").createDirectories()
            val out = place.resolve("outputs.json")
            KernelFolder.python("interrupt.py", place, library.value, out)
            val found = Json.parseToJsonElement(out.readText()).jsonObject

            fun told(name: String) = found.getValue(name).jsonArray.map { it.jsonPrimitive.content }
            told("stopped").any { "interrupted after" in it } shouldBe true
            told("stopped").last() shouldContain "The execution was interrupted"
            found.getValue("seconds").jsonPrimitive.content.toDouble() shouldBeLessThan 20.0
            told("later").last() shouldContain "1 result in runs"
            told("opened") shouldContainExactly listOf("1")
            val left = place.resolve("runs").listDirectoryEntries().map { it.name.substringBefore('-') }
            left.sorted() shouldContainExactly listOf("first", "later")
            place.resolve("runs").listDirectoryEntries("*.partial*").shouldBeEmpty()
        }
    })
