package dev.kausal.reports

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.RocCurveStory
import dev.kausal.reports.stories.RocStory
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RocRecord
import dev.kausal.spec.RocSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly

/** What a report says of the recovery of known edges. */
class RocStoryTest :
    FunSpec({
        test("areas, what is missed and how far one must go, and the benchmark's areas") {
            val missed = listOf("L0H0 -> L0 mlp", "embed -> L0.q0", "a", "b", "c", "d")
            val records = listOf(record("slopes", 0.5, missed), record("runs", 1.0, emptyList()))
            RocStory.findings(grid(ResultKind.Roc, records)) shouldContainExactly
                listOf(
                    "AUROC of the 6 known edges among 75: slopes 0.500 and runs 1.000.",
                    "slopes does not rank L0H0 -> L0 mlp, embed -> L0.q0, a, b and 2 more above all other edges; the " +
                        "first 9 edges have all known ones.",
                    "As the MIB benchmark computes it, from greedy circuits of ten sizes: slopes 0.400 and runs no value.",
                )
        }

        test("the curve begins with what ranks above all others") {
            RocCurveStory.findings(grid(ResultKind.RocCurve, emptyList())) shouldContainExactly
                listOf("Share of the known edges that rank above all others: slopes 0.250 and runs 1.000.")
        }
    })

private fun record(
    ranking: String,
    area: Double,
    missed: List<String>,
) = RocRecord(ranking, area, if (missed.isEmpty()) null else 0.4, 75, 9, emptyList(), missed)

private fun grid(
    kind: ResultKind,
    records: List<RocRecord>,
): ResultGrid {
    val name = if (kind == ResultKind.Roc) "recovery" else "recovery.curve"
    val rankings = AxisSpec("ranking", listOf("slopes", "runs"))
    val rates = AxisSpec("false positive rate", listOf("0", "1"))
    val axes = if (kind == ResultKind.Roc) listOf(rankings) else listOf(rates, rankings)
    val values = if (kind == ResultKind.Roc) listOf(0.5, 1.0) else listOf(0.25, 1.0, 1.0, 1.0)
    val analysis = RocSpec("recovery", "landmarks", 1, listOf("slopes", "runs"), List(6) { "edge $it" })
    val spec = Fixtures.spec(2, Fixtures.tokens).copy(analyses = listOf(analysis))
    val result =
        Fixtures.ablation(2).copy(
            name = name,
            kind = kind,
            metric = "AUROC",
            axes = axes,
            shape = axes.map { it.labels.size },
            examples = emptyList(),
            perExample = emptyList(),
            baseline = emptyMap(),
            mean = values,
            change = null,
            rounding = null,
            roc = records.ifEmpty { null },
        )
    return ResultGrid(result, spec)
}
