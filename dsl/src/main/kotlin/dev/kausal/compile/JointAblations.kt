package dev.kausal.compile

import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.Result
import dev.kausal.spec.SweepSpec
import java.util.Random

/** Plans ablations of several heads together from a ranking, and reads what came of them. */
internal class JointAblations(
    private val spec: ExperimentSpec,
    private val rankings: Rankings,
) {
    private val by = spec.inference?.clusters ?: Grouping.Subject

    /** One joint ablation: the sweep that computes it, and the heads that were chosen. */
    inner class Planned(
        val spec: JointAblationSpec,
        contrasts: List<ContrastSpec>,
    ) {
        private val halves = Halves(rankings.contrasts(spec.ranking) + contrasts, by, spec.seed)
        private val heads = this@JointAblations.spec.model.config.heads
        private val ranked = rankings.ranked(spec.ranking, spec.order, halves::chooses).map { it / heads to it % heads }
        private val sizes = spec.sizes.filter { it <= ranked.size / 2 }
        private val random = Random(spec.seed)
        private val chosenOn = rankings.contrasts(spec.ranking).count(halves::chooses)
        private val held = contrasts.filterNot(halves::chooses)

        /** What is computed: for each size the chosen heads, then each draw of random ones, on the half that did not choose. */
        val asked: Sweeps.Asked =
            Sweeps.Asked(
                SweepSpec(
                    spec.name,
                    spec.contrasts,
                    spec.line,
                    spec.metric,
                    listOf(
                        AxisSpec("heads", sizes.map { "$it" }),
                        AxisSpec("set", listOf("chosen") + List(spec.draws) { "random $it" }),
                    ),
                    sizes.flatMap { size ->
                        val chosen = ranked.take(size)
                        listOf(cell(chosen)) + List(spec.draws) { cell(likewise(chosen)) }
                    },
                ),
                held,
            )

        private fun cell(heads: List<Pair<Int, Int>>) =
            CellSpec(
                spec.run,
                heads.sortedWith(compareBy({ it.first }, { it.second })).map { (layer, head) ->
                    EditSpec("blocks.$layer.attn.hook_z", PartSpec.Head(head), value = spec.value)
                },
            )

        /** As many other heads, from the same layers as far as these have others. */
        private fun likewise(chosen: List<Pair<Int, Int>>): List<Pair<Int, Int>> {
            val free = ranked.filterNot { it in chosen }.shuffled(random).toMutableList()
            return chosen.map { (layer) ->
                val next = free.firstOrNull { it.first == layer } ?: free.first()
                next.also { free -= it }
            }
        }

        /** Changes from the unedited run: by the chosen heads, by the random ones on average, and their difference. */
        fun result(
            swept: SweepResult,
            inference: Inference?,
        ): Result {
            val measured = swept.result(null)
            val sets = 1 + spec.draws
            val unedited = measured.baseline.getValue(spec.run.label)
            val rows =
                measured.perExample.mapIndexed { example, row ->
                    val changes = row.map { value -> unedited[example]?.let { base -> value?.minus(base) } }
                    sizes.indices.flatMap { i ->
                        val chosen = changes[i * sets]
                        val others = changes.subList(i * sets + 1, (i + 1) * sets).filterNotNull()
                        val random = others.takeIf { it.isNotEmpty() }?.average()
                        listOf(chosen, random, if (chosen == null || random == null) null else chosen - random)
                    }
                }
            val result =
                measured.copy(
                    kind = "jointAblation",
                    metric = "change of ${measured.metric}",
                    axes = listOf(measured.axes[0], AxisSpec("set", SETS)),
                    shape = listOf(sizes.size, SETS.size),
                    perExample = rows,
                    mean = meanOver(rows),
                    cellAudit = null,
                    notes = measured.notes + notes(),
                )
            return inference?.of(result, held) ?: result
        }

        private fun notes(): List<String> {
            val top = ranked.take(sizes.maxOrNull() ?: 0).joinToString { (layer, head) -> "$layer.$head" }
            return listOf(
                "Heads were ranked by ${spec.ranking} on $chosenOn examples and are measured on the " +
                    "${held.size} others, " +
                    "which share no ${by.name.lowercase()} with them. In order: $top.",
                "Random heads are the mean of ${spec.draws} draws from the same layers.",
            )
        }
    }

    /** Plans [joint] on [contrasts]. */
    fun planned(
        joint: JointAblationSpec,
        contrasts: List<ContrastSpec>,
    ): Planned = Planned(joint, contrasts)

    private companion object {
        val SETS = listOf("chosen", "random", "chosen - random")
    }
}
