package dev.kausal.run

import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.Audit
import dev.kausal.spec.Result

/** An analysis whose interventions are known only when other results are there. */
internal interface DependentAnalysis {
    val spec: AnalysisSpec

    /** The sweeps that it is made of. */
    val asked: List<Sweeps.Asked>

    /** The result, from what came of [asked]. */
    fun result(
        swept: List<SweepResult>,
        inference: Inference?,
    ): Result
}

/** Results of [planned] by name; [swept] holds what came of all their sweeps, in order. */
internal fun dependentResults(
    planned: List<DependentAnalysis>,
    swept: List<SweepResult>,
    inference: Inference?,
): Map<String, Result> {
    var before = 0
    return planned.associate { its ->
        val own = swept.subList(before, before + its.asked.size)
        before += own.size
        its.spec.name to its.result(own, inference)
    }
}

/** The audits of an analysis' sweeps as one. */
internal fun together(audits: List<Audit>): Audit =
    Audit(
        cells = audits.sumOf { it.cells },
        fired = audits.sumOf { it.fired },
        unchanged = audits.sumOf { it.unchanged },
        largestChange = audits.maxOf { it.largestChange },
    )
