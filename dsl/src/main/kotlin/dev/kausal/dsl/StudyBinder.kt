package dev.kausal.dsl

import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.BehaviourSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.HeadDifferenceSpec
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.RankCorrelationSpec

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

            is DeclaredAnalysis.Behaviour -> {
                needs.foil(declared.line, "behaviour", set)
                needs.corrupted(declared.line, "behaviour", set)
                BehaviourSpec(declared.name, set.name, declared.line, declared.by)
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
        if (declared.draws < 1) bad(line, "draws", "${declared.draws}", "1 or more")
        overHeads(line, declared.ranking)
        needs.run(line, "a joint ablation", declared.run, set)
        if (declared.run is NoisedRun) bad(line, "on", "${declared.run}", "clean or corrupted")
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
        )
    }

    /** A ranking of heads has the axes layer and head. */
    private fun overHeads(
        line: Int?,
        name: String,
    ) {
        val of = others.firstOrNull { it.name == name }
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
}
