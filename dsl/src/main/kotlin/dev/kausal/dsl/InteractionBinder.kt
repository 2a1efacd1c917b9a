package dev.kausal.dsl

import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.HeadPlace
import dev.kausal.spec.InteractionSpec
import dev.kausal.spec.Order

/** Which heads are paired. */
internal sealed interface HeadChoice {
    class Named(
        val heads: List<Head>,
    ) : HeadChoice

    class Ranked(
        val rankings: List<String>,
        val order: Order,
        val top: Int,
    ) : HeadChoice
}

/** Binds ablations of pairs of heads; [overHeads] reports what is no ranking of heads, [donors] what nothing can be lent to. */
internal class InteractionBinder(
    private val binding: Binding,
    private val needs: Needs,
    private val sweeps: SweepBinder,
    private val overHeads: (Int?, String) -> Unit,
    private val donors: (Int?, Value, Run, ContrastSetSpec) -> Unit,
) {
    private val shape = binding.facts.shape

    fun bind(
        declared: DeclaredAnalysis.Interaction,
        set: ContrastSetSpec,
    ): InteractionSpec {
        val line = declared.line
        needs.run(line, "an interaction", declared.run, set)
        if (declared.run is NoisedRun) bad(line, "on", "${declared.run}", "clean or corrupted")
        donors(line, declared.value, declared.run, set)
        val choice = declared.heads
        when (choice) {
            is HeadChoice.Named -> named(line, choice.heads)
            is HeadChoice.Ranked -> ranked(line, choice)
        }
        val ranked = choice as? HeadChoice.Ranked
        return InteractionSpec(
            name = declared.name,
            contrasts = set.name,
            line = line,
            metric = sweeps.metric(line, declared.metric, set, emptyList()),
            heads = (choice as? HeadChoice.Named)?.heads?.map { HeadPlace(it.layer, it.index) },
            rankings = ranked?.rankings.orEmpty(),
            order = ranked?.order ?: Order.Strongest,
            top = ranked?.top ?: 0,
            value = sweeps.value(declared.value, null),
            run = declared.run.toSpec(binding.seed),
        )
    }

    private fun named(
        line: Int?,
        heads: List<Head>,
    ) {
        val absent = heads.filter { it.layer !in 0 until shape.layers || it.index !in 0 until shape.heads }
        if (absent.isNotEmpty()) {
            bad(line, "heads", absent.joinToString(), "0.0 to ${shape.layers - 1}.${shape.heads - 1}, as layer.head")
        }
        val different = heads.distinct().size
        if (different < 2) bad(line, "heads", "$different different", "2 or more, to be paired")
    }

    private fun ranked(
        line: Int?,
        choice: HeadChoice.Ranked,
    ) {
        if (choice.rankings.isEmpty()) bad(line, "interaction", "no ranking and no heads", "one of them")
        choice.rankings.forEach { overHeads(line, it) }
        val most = shape.layers * shape.heads
        if (choice.top !in 2..most) bad(line, "top", "${choice.top}", "2 to $most heads")
    }

    private fun bad(
        line: Int?,
        name: String,
        found: String,
        expected: String,
    ) {
        binding.mistakes += Mistake.BadValue(line, name, found, expected)
    }
}
