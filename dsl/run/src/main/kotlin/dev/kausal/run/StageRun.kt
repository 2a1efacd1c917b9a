package dev.kausal.run

import dev.kausal.run.analyses.Planned
import dev.kausal.run.analyses.Stage
import dev.kausal.run.context.PartsMissing
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.inFile
import dev.kausal.run.controls.SweepControls
import dev.kausal.run.sweep.NoiseFloors
import dev.kausal.run.sweep.SweepResult
import dev.kausal.run.sweep.Sweeps
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.Result
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.kept

/** One stage of a run, planned when all earlier ones have run. */
internal class StageRun(
    private val stage: Stage,
    private val on: RunContext,
) {
    private val planned =
        on.spec.analyses.filter { stageOf(it) == stage }.map { it.name to (given(it) ?: plan(it)) }
    private val controls = if (stage == Stage.ABLATIONS && on.spec.inference?.controls == true) {
        controls()
    } else {
        emptyList()
    }

    private fun given(spec: AnalysisSpec): Planned? =
        on.given[spec.name]?.let { results ->
            object : Planned {
                override fun results(swept: List<SweepResult>): List<Result> = results
            }
        }

    private fun <S : AnalysisSpec> plan(spec: S): Planned = Analyses.of(spec).plan(spec, on)

    private fun <S : AnalysisSpec> stageOf(spec: S): Stage = Analyses.of(spec).stage(spec)

    private fun controls(): List<Planned> {
        val sweeps = on.spec.analyses.filterIsInstance<SweepSpec>().filter { it.name !in on.given }
        return sweeps.map { SweepControls(on.choices.resolved(it), on) }
    }

    private val kept = HashMap<Planned, List<String>>()

    /**
     * Computes the results of the stage; returns the names of each analysis's own.
     *
     * @throws PartsMissing if parts of others are missing; called again once they are there, it goes on with the analyses
     *   that lacked them
     */
    fun run(): Map<String, List<String>> {
        val own = planned.flatMap { it.second.asked }
        val swept = Sweeps(on).run(own + controls.flatMap { it.asked }, title())
        NoiseFloors(on).measure(swept.take(own.size), stage.name.lowercase())
        val made = swept.iterator()
        val names = PartsMissing.gathered(planned.map { (name, plan) -> { name to keep(plan, made) } }).toMap()
        controls.forEach { keep(it, made) }
        if (swept.isNotEmpty()) on.plans.clear()
        return names
    }

    /** Returns a title for the sweeps of the stage; null if they have names of their own. */
    private fun title(): String? =
        when (stage) {
            Stage.SWEEPS -> {
                null
            }

            Stage.CHOSEN -> {
                "sweeps of what was chosen"
            }

            else -> {
                val joint = "joint ablations".takeIf { planned.isNotEmpty() }
                listOfNotNull(joint, "controls".takeIf { controls.any { it.asked.isNotEmpty() } }).joinToString(" and ")
            }
        }

    private fun keep(
        plan: Planned,
        made: Iterator<SweepResult>,
    ): List<String> {
        val swept = List(plan.asked.size) { made.next() }
        return kept.getOrPut(plan) {
            val results = plan.results(swept).map { on.inFile(it) }
            results.forEach { on.results[it.name] = it }
            results.map { it.name }
        }
    }
}
