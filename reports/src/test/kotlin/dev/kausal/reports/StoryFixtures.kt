package dev.kausal.reports

import dev.kausal.reports.figure.clusters
import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.Change
import dev.kausal.spec.Correction
import dev.kausal.spec.EditSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec

/** Sweeps over heads with numbers made for their sentences. */
internal object StoryFixtures {
    /** Intervals and tests of [clusters] groups of one subject. */
    fun inferred(clusters: Int): Inferred =
        Inferred(0.95, IntervalKind.Studentised, clusters, Grouping.Subject, 4999, false, Correction.FamilyWise)

    /** Two layers of four heads, of which [effects] are the changes from a clean run of 10. */
    fun heads(
        effects: List<Double>,
        p: List<Double> = effects.map { 0.001 },
        clusters: Int = 24,
        value: ValueSpec = ValueSpec.Zero,
        run: RunSpec = RunSpec.Clean,
        metric: MetricSpec = MetricSpec.LogitDifference,
        smallest: Double? = 0.5,
    ): ResultGrid {
        val axes = listOf(AxisSpec("layer", listOf("0", "1")), AxisSpec("head", listOf("0", "1", "2", "3")))
        val cells =
            effects.indices.map {
                CellSpec(run, listOf(EditSpec("blocks.${it / 4}.attn.hook_z", PartSpec.Head(it % 4), value = value)))
            }
        val sweep = SweepSpec("needed", "landmarks", 1, metric, axes, cells)
        val spec = Fixtures.spec(2, Fixtures.tokens).copy(analyses = listOf(sweep))
        val base = if (run == RunSpec.Clean) 10.0 else -8.0
        val result =
            Fixtures.ablation(2).copy(
                name = "needed",
                metric = metric.text,
                axes = axes,
                shape = listOf(2, 4),
                perExample = List(2) { effects.map { it + base } },
                baseline = mapOf("clean" to listOf(10.0, 10.0), "corrupted" to listOf(-8.0, -8.0)),
                mean = effects.map { it + base },
                pCorrected = p,
                pValue = p,
                change = Change(effects, effects.map { 0.1 }, effects.map { it - 0.2 }, effects.map { it + 0.2 }),
                inference = inferred(clusters),
                smallest = smallest,
            )
        return ResultGrid(result, spec)
    }
}
