package dev.kausal.reports

import dev.kausal.reports.stories.methodOf
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
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

        test("one layer at a time needs no word") {
            text(cell(listOf(0), listOf()), cell(listOf(1), listOf())) shouldNotContain "at once"
        }
    })
