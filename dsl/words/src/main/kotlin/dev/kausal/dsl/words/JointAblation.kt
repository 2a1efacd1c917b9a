package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.likelihoodValue
import dev.kausal.dsl.bind.value
import dev.kausal.dsl.declare.AnswersRead
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.Among
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.Order

/**
 * Ablates the top k heads of [ranking] together, for each k of [sizes], and compares them with equally many random
 * heads. Heads are chosen on one half of the examples' groups and measured on the other, in several splits.
 *
 * @param ranking a sweep over `heads`, a [headDifference], or an [attentionMeasure] of heads
 * @param order which end of the ranking is its top
 * @param draws number of random orders of the heads, whose first heads are ablated too: 19 or more
 * @param with replacement of the heads' outputs
 * @param on run to edit
 * @param splits number of splits of the examples into halves
 * @param among where random heads come from: [sameLayers] or [anyLayers]
 */
public fun ExperimentScope.jointAblation(
    contrasts: Inputs<*>,
    metric: PlainMetric,
    ranking: GridHandle,
    order: Order = Order.Strongest,
    sizes: Iterable<Int> = listOf(1, 2, 3, 5, 10, 20),
    draws: Int = 199,
    with: Replacement = zero,
    on: Run = clean,
    splits: Int = 4,
    among: Among = sameLayers,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    val k = sizes.toList()
    return analysis(::ComparisonHandle) {
        JointAblationDeclaration(
            it,
            contrasts,
            line,
            metric,
            ranking.name,
            order,
            k,
            draws,
            with.value,
            on,
            splits,
            among,
        )
    }
}

internal class JointAblationDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val metric: PlainMetric,
    private val ranking: String,
    private val order: Order,
    private val sizes: List<Int>,
    private val draws: Int,
    private val value: Value,
    private val run: Run,
    private val splits: Int,
    private val among: Among,
) : DeclaredAnalysis {
    override val answersRead: AnswersRead get() = metric.answersRead

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): JointAblationSpec {
        val shape = binding.facts.shape
        val most = shape.layers * shape.heads / 2
        if (sizes.isEmpty() || sizes.min() < 1) {
            binding.bad(line, "sizes", "$sizes", "numbers of heads, 1 to $most")
        }
        if (draws < FEWEST_DRAWS) {
            binding.bad(
                line,
                "draws",
                "$draws",
                "$FEWEST_DRAWS or more: p cannot be below 1 in ${draws + 1}",
            )
        }
        if (splits < 1) binding.bad(line, "splits", "$splits", "1 or more")
        binding.overHeads(line, ranking)
        binding.needs.run(line, "a joint ablation", run, set)
        if (run is NoisedRun) binding.bad(line, "on", "$run", "clean or corrupted")
        binding.donors(line, value, run, set)
        if (set.contrasts.size < 2) {
            binding.bad(line, "the set", "${set.contrasts.size} contrast", "2 or more: heads are chosen on a half")
        }
        val metric = binding.sweeps.metric(line, metric, set, emptyList())
        binding.likelihoodValue(line, metric, value)
        return JointAblationSpec(
            name = name,
            contrasts = set.name,
            line = line,
            metric = metric,
            ranking = ranking,
            order = order,
            sizes = sizes,
            draws = draws,
            value = binding.value(value, null),
            run = run.toSpec(binding.seed),
            seed = binding.seed,
            splits = splits,
            among = among,
        )
    }

    private companion object {
        /** With fewer random sets, p cannot be 0.05 or below. */
        const val FEWEST_DRAWS = 19
    }
}
