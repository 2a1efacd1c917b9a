package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.likelihoodValue
import dev.kausal.dsl.bind.value
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.HeadPlace
import dev.kausal.spec.InteractionSpec
import dev.kausal.spec.Order

/**
 * Ablates heads alone and in pairs, and measures each pair's change beyond the sum of its heads' changes alone. The
 * heads are the [top] of [rankings], taken in turn.
 *
 * @param rankings sweeps over `heads`, or a [headDifference]
 * @param order which end of a ranking is its top
 * @param with replacement of the heads' outputs
 * @param on run to edit
 */
public fun ExperimentScope.interaction(
    contrasts: Contrasts<*>,
    metric: PlainMetric,
    vararg rankings: GridHandle,
    order: Order = Order.Strongest,
    top: Int = 8,
    with: Replacement = zero,
    on: Run = clean,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    val heads = HeadChoice.Ranked(rankings.map { it.name }, order, top)
    return analysis(::ComparisonHandle) {
        InteractionDeclaration(it, contrasts, line, metric, heads, with.value, on)
    }
}

/** Ablates [heads] alone and in pairs, and measures each pair's change beyond the sum of its heads' changes alone. */
public fun ExperimentScope.interaction(
    contrasts: Contrasts<*>,
    metric: PlainMetric,
    heads: Iterable<Head>,
    with: Replacement = zero,
    on: Run = clean,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    val named = HeadChoice.Named(heads.toList())
    return analysis(::ComparisonHandle) {
        InteractionDeclaration(it, contrasts, line, metric, named, with.value, on)
    }
}

/** The heads to pair. */
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

internal class InteractionDeclaration(
    override val name: String,
    override val inputs: Contrasts<*>,
    override val line: Int?,
    private val metric: PlainMetric,
    private val choice: HeadChoice,
    private val value: Value,
    private val run: Run,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): InteractionSpec {
        binding.needs.run(line, "an interaction", run, set)
        if (run is NoisedRun) binding.bad(line, "on", "$run", "clean or corrupted")
        binding.donors(line, value, run, set)
        when (choice) {
            is HeadChoice.Named -> named(binding, choice.heads)
            is HeadChoice.Ranked -> ranked(binding, choice)
        }
        val ranked = choice as? HeadChoice.Ranked
        val metric = binding.sweeps.metric(line, metric, set, emptyList())
        binding.likelihoodValue(line, metric, value)
        return InteractionSpec(
            name = name,
            contrasts = set.name,
            line = line,
            metric = metric,
            heads = (choice as? HeadChoice.Named)?.heads?.map { HeadPlace(it.layer, it.index) },
            rankings = ranked?.rankings.orEmpty(),
            order = ranked?.order ?: Order.Strongest,
            top = ranked?.top ?: 0,
            value = binding.value(value, null),
            run = run.toSpec(binding.seed),
        )
    }

    private fun named(
        binding: Binding,
        heads: List<Head>,
    ) {
        val shape = binding.facts.shape
        val absent = heads.filter { it.layer !in 0 until shape.layers || it.index !in 0 until shape.heads }
        if (absent.isNotEmpty()) {
            binding.bad(
                line,
                "heads",
                absent.joinToString(),
                "0.0 to ${shape.layers - 1}.${shape.heads - 1}, as layer.head",
            )
        }
        val different = heads.distinct().size
        if (different < 2) binding.bad(line, "heads", "$different different", "2 or more, to be paired")
    }

    private fun ranked(
        binding: Binding,
        choice: HeadChoice.Ranked,
    ) {
        val shape = binding.facts.shape
        if (choice.rankings.isEmpty()) binding.bad(line, "interaction", "no ranking and no heads", "one of them")
        choice.rankings.forEach { binding.overHeads(line, it) }
        val most = shape.layers * shape.heads
        if (choice.top !in 2..most) binding.bad(line, "top", "${choice.top}", "2 to $most heads")
    }
}
