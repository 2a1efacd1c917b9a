package dev.kausal.reports

import dev.kausal.reports.stories.methodOf
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ChoiceSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Order
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.spec.WriterSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** What a page says a sweep did. */
class MethodTextTest :
    FunSpec({
        val noised = RunSpec.Noised(PlaceSpec.Span("subject"), 3.0, 10, 5, "contrasts-3")

        fun cell(
            restored: List<Int>,
            kept: List<Int>,
        ): CellSpec {
            val patches = restored.map { EditSpec("blocks.$it.hook_attn_out", value = ValueSpec.From(RunSpec.Clean)) }
            val freezes = kept.map { EditSpec("blocks.$it.hook_mlp_out", value = ValueSpec.From(noised)) }
            return CellSpec(noised, patches + freezes)
        }

        fun text(vararg cells: CellSpec): String {
            val axes = listOf(AxisSpec("layer", cells.indices.map { "$it" }))
            return methodOf(SweepSpec("s", "contrasts", 1, MetricSpec.Probability, axes, cells.toList()))
        }

        test("how many layers a window has, what is severed, and what noise is measured in") {
            val said =
                text(cell(listOf(0, 1), listOf(2, 3)), cell(listOf(0, 1, 2), listOf(3)), cell(listOf(1, 2), listOf()))
            said shouldContain "is patched from the clean run at every position, in 2 to 3 layers at once"
            said shouldContain "is frozen at its unedited value at every position, in 1 to 2 layers at once"
            said shouldContain "Gaussian noise of 3.0 standard deviations of the subject embeddings of contrasts-3"
        }

        test("a run with changes that is read, another set's mean, a vector, and heads that a result chooses") {
            val sent = EditSpec("blocks.0.attn.hook_z", PartSpec.Head(1), value = ValueSpec.From(RunSpec.Corrupted))
            val kept = (1..3).map { EditSpec("blocks.$it.attn.hook_z", value = ValueSpec.From(RunSpec.Clean)) }
            val edited = RunSpec.Edited(RunSpec.Clean, listOf(sent) + kept)
            val choice = ChoiceSpec("needed", Order.Lowest, 3)
            val edits =
                listOf(
                    EditSpec("blocks.4.attn.hook_q", value = ValueSpec.From(edited)),
                    EditSpec("blocks.4.hook_mlp_out", value = ValueSpec.Mean("contrasts-2")),
                    EditSpec("blocks.4.hook_resid_mid", value = ValueSpec.Vector(0, added = true)),
                    EditSpec("blocks.*.attn.hook_z", value = ValueSpec.Zero, choice = choice),
                )
            val said = text(*edits.map { CellSpec(RunSpec.Clean, listOf(it)) }.toTypedArray())
            said shouldContain "is patched from the clean run with other edits"
            said shouldContain "(1 site patched from the corrupted run, 3 sites kept) at"
            said shouldContain "is set to its mean over all clean prompts of the set contrasts-2 and positions"
            said shouldContain "is shifted by a vector"
            said shouldContain
                "in the lowest 3 of needed, the heads' outputs before W_O (blocks.N.attn.hook_z) is set to zero"
        }

        test("an edge, and a path of two of them") {
            val head = WriterSpec("blocks.0.attn.hook_result", PartSpec.Head(1))
            val mlp = WriterSpec("blocks.1.hook_mlp_out")
            val first = EditSpec("blocks.1.hook_mlp_in", value = ValueSpec.From(RunSpec.Corrupted, head))
            val path = RunSpec.Edited(RunSpec.Clean, listOf(first))
            val last = EditSpec("blocks.2.hook_q_input", PartSpec.Head(0), value = ValueSpec.From(path, mlp))
            val said = text(CellSpec(RunSpec.Clean, listOf(first)), CellSpec(RunSpec.Clean, listOf(last)))
            val given = "is given one head's output of the corrupted run in place of its own"
            said shouldContain "the MLP's input (blocks.N.hook_mlp_in) $given"
            said shouldContain
                "one head of the heads' inputs for queries (blocks.N.hook_q_input) is given one MLP's output of the " +
                "clean run with other edits (1 site ${given.removePrefix("is ")}) in place of its own"
        }

        test("one layer at a time needs no word") {
            text(cell(listOf(0), listOf()), cell(listOf(1), listOf())) shouldNotContain "at once"
        }
    })
