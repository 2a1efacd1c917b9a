package dev.kausal.dsl

import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.BehaviourSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DifferenceSpec
import dev.kausal.spec.HeadDifferenceSpec
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.RankCorrelationSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.group
import dev.kausal.spec.paired
import dev.kausal.spec.question
import dev.kausal.spec.words

/** Binds the analyses that build on others or on unedited runs. */
internal class StudyBinder(
    private val binding: Binding,
    private val needs: Needs,
    private val sweeps: SweepBinder,
    private val others: List<DeclaredAnalysis>,
) {
    private val mistakes = binding.mistakes

    fun bind(
        declared: DeclaredAnalysis.Study,
        set: ContrastSetSpec,
    ): AnalysisSpec =
        when (declared) {
            is DeclaredAnalysis.Joint -> {
                joint(declared, set)
            }

            is DeclaredAnalysis.Interaction -> {
                InteractionBinder(binding, needs, sweeps, ::overHeads, ::donors).bind(declared, set)
            }

            is DeclaredAnalysis.Behaviour -> {
                needs.foil(declared.line, "behaviour", set)
                needs.corrupted(declared.line, "behaviour", set)
                controls(declared, set)
                BehaviourSpec(declared.name, set.name, declared.line, declared.by, declared.against)
            }

            is DeclaredAnalysis.Difference -> {
                difference(declared)
                DifferenceSpec(declared.name, set.name, declared.line, declared.of, declared.minus)
            }

            is DeclaredAnalysis.HeadDifference -> {
                needs.corrupted(declared.line, "headDifference", set)
                val prompts = set.contrasts.flatMap { c -> listOfNotNull(c.clean, c.corrupted).map { it to c.label } }
                val eachOf = (declared.place as? Span)?.eachOf == true
                if (eachOf) bad(declared.line, "the place", "${declared.place}", "one token, such as last")
                Spans(binding).check(declared.line, "a difference at ${declared.place}", declared.place, prompts)
                HeadDifferenceSpec(declared.name, set.name, declared.line, declared.place.toSpec())
            }

            is DeclaredAnalysis.Ranks -> {
                if (declared.of.size <
                    2
                ) {
                    bad(declared.line, "rankCorrelation", "${declared.of.size} result", "2 or more")
                }
                declared.of.forEach { overHeads(declared.line, it) }
                RankCorrelationSpec(declared.name, set.name, declared.line, declared.of)
            }
        }

    private fun joint(
        declared: DeclaredAnalysis.Joint,
        set: ContrastSetSpec,
    ): AnalysisSpec {
        val line = declared.line
        val shape = binding.facts.shape
        val most = shape.layers * shape.heads / 2
        if (declared.sizes.isEmpty() || declared.sizes.min() < 1) {
            bad(line, "sizes", "${declared.sizes}", "numbers of heads, 1 to $most")
        }
        if (declared.draws < FEWEST_DRAWS) {
            bad(
                line,
                "draws",
                "${declared.draws}",
                "$FEWEST_DRAWS or more: p cannot be below 1 in ${declared.draws + 1}",
            )
        }
        if (declared.splits < 1) bad(line, "splits", "${declared.splits}", "1 or more")
        overHeads(line, declared.ranking)
        needs.run(line, "a joint ablation", declared.run, set)
        if (declared.run is NoisedRun) bad(line, "on", "${declared.run}", "clean or corrupted")
        donors(line, declared.value, declared.run, set)
        if (set.contrasts.size <
            2
        ) {
            bad(line, "the set", "${set.contrasts.size} contrast", "2 or more: heads are chosen on a half")
        }
        return JointAblationSpec(
            name = declared.name,
            contrasts = set.name,
            line = line,
            metric = sweeps.metric(line, declared.metric, set, emptyList()),
            ranking = declared.ranking,
            order = declared.order,
            sizes = declared.sizes,
            draws = declared.draws,
            value = sweeps.value(declared.value, null),
            run = declared.run.toSpec(binding.seed),
            seed = binding.seed,
            splits = declared.splits,
            among = declared.among,
        )
    }

    /** Controls are groups of the set that ask questions of the other groups. */
    private fun controls(
        declared: DeclaredAnalysis.Behaviour,
        set: ContrastSetSpec,
    ) {
        val groups = set.contrasts.groupBy { it.group(declared.by) }
        val unknown = declared.against.filter { it !in groups }
        val known = groups.keys.joinToString()
        unknown.forEach { bad(declared.line, "against", it, "a ${declared.by.words} of the set: $known") }
        if (unknown.isNotEmpty() || declared.against.isEmpty()) return
        val (controls, others) = groups.entries.partition { it.key in declared.against }
        val questions = controls.map { its -> its.value.map { it.question }.toSet() }
        when {
            declared.against.distinct().size < declared.against.size -> {
                bad(declared.line, "against", "${declared.against}", "each control once")
            }

            others.isEmpty() -> {
                bad(declared.line, "against", "every group", "some groups, so that others are compared with them")
            }

            others.none { its -> its.value.any { one -> questions.all { one.question in it } } } -> {
                val expected = "clean prompts, answers and foils of other contrasts, so that they are paired"
                bad(declared.line, "against", "${declared.against.joinToString()}, which ask other questions", expected)
            }
        }
    }

    /** What is subtracted is of the same kind; the axes are compared when both are bound. */
    private fun difference(declared: DeclaredAnalysis.Difference) {
        val two = listOf(declared.of, declared.minus).map { name -> others.firstOrNull { it.name == name } }
        val sweeps = two.filterIsInstance<DeclaredAnalysis.Sweep>().size
        val differences = two.filterIsInstance<DeclaredAnalysis.HeadDifference>().size
        if (sweeps < 2 && differences < 2) {
            val found = "${declared.of} and ${declared.minus}"
            bad(declared.line, "difference", found, "two sweeps, or two head differences")
        }
        if (declared.of == declared.minus) bad(declared.line, "difference", "${declared.of} twice", "two results")
    }

    /** Reports a difference of sweeps that differ in axes or metric, or whose sets have no question in common. */
    fun compare(
        specs: List<AnalysisSpec>,
        sets: Map<String, ContrastSetSpec>,
    ) {
        val byName = specs.associateBy { it.name }
        specs.filterIsInstance<DifferenceSpec>().forEach { spec ->
            val of = byName[spec.of] ?: return@forEach
            val minus = byName[spec.minus] ?: return@forEach
            if (of is SweepSpec && minus is SweepSpec) sameGrid(spec.line, of, minus)
            if (paired(sets.getValue(of.contrasts).contrasts, sets.getValue(minus.contrasts).contrasts).isEmpty()) {
                val expected = "sets with the same questions: clean prompt, answer and foil"
                bad(spec.line, "difference", "${spec.of} and ${spec.minus} on sets without a common question", expected)
            }
        }
    }

    private fun sameGrid(
        line: Int?,
        of: SweepSpec,
        minus: SweepSpec,
    ) {
        if (of.metric != minus.metric) {
            bad(line, "difference", "metrics ${of.metric.text} and ${minus.metric.text}", "one metric")
        }
        if (of.axes == minus.axes) return
        val sizes = listOf(of, minus).map { sweep -> sweep.axes.joinToString(" x ") { "${it.labels.size} ${it.name}" } }
        val found = if (sizes[0] == sizes[1]) "axes with other labels" else "axes ${sizes[0]} and ${sizes[1]}"
        bad(line, "difference", found, "the same axes with the same labels")
    }

    /** Whole prompts are resampled, so that each needs another one that is as long. */
    private fun donors(
        line: Int?,
        value: Value,
        run: Run,
        set: ContrastSetSpec,
    ) {
        if (value is Value.Resample) EditChecks(binding, needs, set, true).donors(line, null, run)
    }

    /** A ranking of heads has the axes layer and head. */
    private fun overHeads(
        line: Int?,
        name: String,
    ) {
        val of = others.firstOrNull { it.name == name }
        if (of is DeclaredAnalysis.Difference) return overHeads(line, of.of)
        val fits =
            of is DeclaredAnalysis.HeadDifference ||
                (of is DeclaredAnalysis.Sweep && of.grids.singleOrNull()?.dimensions == listOf(HeadDimension))
        if (!fits) bad(line, "the ranking $name", "not over heads", "a sweep with each(heads), or headDifference")
    }

    private fun bad(
        line: Int?,
        name: String,
        found: String,
        expected: String,
    ) {
        mistakes += Mistake.BadValue(line, name, found, expected)
    }

    private companion object {
        /** With fewer random sets, no p is 0.05 or below. */
        const val FEWEST_DRAWS = 19
    }
}
