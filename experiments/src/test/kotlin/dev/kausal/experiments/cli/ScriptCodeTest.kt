package dev.kausal.experiments.cli

import dev.kausal.experiments.TypedCommands
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.io.path.exists
import kotlin.io.path.writeText

private val SCRIPT =
    """
    import ai.djl.ndarray.NDArray
    import ai.djl.ndarray.types.DataType

    experiment("code") {
        val case by parameter("")
        val lm = model<CausalLm>("embedded:facts")
        withoutInference()
        val facts = contrasts {
            contrast("The [Kremlin] is in the city of", " Moscow", "The [Tate Modern] is in the city of", " London", label = "K")
        }
        var kept: NDArray? = null
        fun change(x: NDArray): NDArray =
            when (case) {
                "throws" -> error("boom") // throws
                "todo" -> TODO() // todo
                "recursion" -> change(change(x))
                "double" -> x.toType(DataType.FLOAT64, true)
                "int" -> x.toType(DataType.INT32, true)
                "shape" -> x.get("0")
                "closed" -> x.also { it.close() }
                "kept" -> (kept?.mul(1f) ?: x).also { kept = it } // kept
                else -> x
            }
        fun deep(n: Int): Int = deep(n + 1) + 1
        if (case == "body") deep(0)
        val odd = metric("odd") { if (case == "metric") listOf(1)[7].toDouble() else 0.0 } // metric
        val s by sweep(facts, odd) {
            each(layers) { l ->
                if (case == "each") error("no cell") // each
                hook(lm.blocks[l].mlpOut) { change(it) } // hook
            }
        }
        val w by watch(facts, layers = 0..0, named = { if (case == "named") error("no name") else true }) { _, at -> // named
            if (case == "watch") error("stop") // watch
        }
        report { bars(s) }
    }
    """.trimIndent()

/** A failure of the author's own code is the author's: exit code 2, its line, the cell and the example. */
class ScriptCodeTest :
    FunSpec({
        val folder = tempdir().toPath()
        val script = folder.resolve("code.kausal.kts").also { it.writeText(SCRIPT) }
        val lines = SCRIPT.lines()

        fun line(mark: String) = lines.indexOfFirst { it.endsWith("// $mark") } + 1

        val cell = "in the sweep 's' (layer 0), on the clean run of 'K'"
        val hook = "at blocks.0.hook_mlp_out, $cell"
        val cases =
            mapOf(
                "throws" to (line("throws") to "failed $hook: IllegalStateException: boom"),
                "todo" to (line("todo") to "failed $hook: NotImplementedError"),
                "recursion" to (null to "failed $hook: StackOverflowError"),
                "double" to (line("hook") to "does not fit $hook: float64 in place of float32. Convert it with"),
                "int" to (line("hook") to "does not fit $hook: int32 in place of float32."),
                "shape" to (line("hook") to "does not fit $hook: "),
                "closed" to (line("hook") to "does not fit $hook: an array that is already closed."),
                "kept" to (line("kept") to "arrays are closed after the layer"),
                "body" to (null to "the script failed with StackOverflowError"),
                "metric" to (line("metric") to "The metric 'odd' failed $cell: IndexOutOfBoundsException"),
                "each" to (line("each") to "the block of each failed with IllegalStateException: no cell"),
                "named" to (line("named") to "the function given as named failed with IllegalStateException: no name"),
                "watch" to (line("watch") to "of code.kausal.kts:${line("named")} failed at "),
            )

        for ((case, expected) in cases) {
            test("the script's code fails: $case") {
                val (at, words) = expected
                val out = folder.resolve(case)
                val said = TypedCommands(folder.resolve("cache"))
                    .run(listOf("run", "$script", "--set", "case=$case", "--out", "$out"))
                withClue(said.all) {
                    said.code shouldBe 2
                    said.err shouldContain words
                    if (at != null) said.err shouldContain "code.kausal.kts:$at:"
                    said.err shouldNotContain "bug in Kausal"
                    out.exists() shouldBe false
                }
            }
        }
    })
