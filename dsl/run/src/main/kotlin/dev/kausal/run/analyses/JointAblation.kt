package dev.kausal.run.analyses

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.HeadSets
import dev.kausal.run.inference.SelectionSplit
import dev.kausal.run.inference.meanOver
import dev.kausal.run.inference.unranked
import dev.kausal.run.sweep.SweepResult
import dev.kausal.run.sweep.together
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ChoosingSplit
import dev.kausal.spec.Grouping
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.words
import java.util.Locale
import java.util.Random

/** Joint ablations of heads chosen by a ranking. */
internal object JointAblationAnalysis : Analysis<JointAblationSpec> {
    override val spec = JointAblationSpec::class
    override val stage = Stage.ABLATIONS

    override fun plan(
        spec: JointAblationSpec,
        on: RunContext,
    ): Planned = JointAblation(spec, on)
}

/** One split: the heads at the top of the ranking, and the examples that did not choose them. */
private class Split(
    val ranked: List<Int>,
    val measured: List<Int>,
)

/**
 * One joint ablation. For each split and size there are the chosen set and one set per draw; equal sets are computed
 * once for each example that needs them.
 */
private class JointAblation(
    private val spec: JointAblationSpec,
    private val on: RunContext,
) : Planned {
    private val contrasts = on.contrasts(spec)
    private val rankings = on.rankings
    private val by = on.spec.inference?.clusters ?: Grouping.Subject
    private val heads = HeadSets(on.spec.model.config.layers, on.spec.model.config.heads)
    private val splits = splits()
    private val most = (splits.minOfOrNull { it.ranked.size } ?: 0) / 2
    private val sizes = spec.sizes.distinct().filter { it <= most }

    /** Sets of heads [split, size, set]: the chosen ones, then those of each draw, each in ascending order. */
    private val sets = sets()
    private val groups = groups()

    override val asked: List<SweepRequest> =
        groups.map { (measured, sets) ->
            val cells = sets.map { heads.cell(it, spec.run, spec.value) }
            val axis = AxisSpec("heads", sets.map { set -> set.joinToString("+", transform = heads::label) })
            val sweep = SweepSpec(spec.name, spec.contrasts, spec.line, spec.metric, listOf(axis), cells)
            SweepRequest(sweep, contrasts, measured = measured)
        }

    private fun splits(): List<Split> {
        val choosers = rankings.contrasts(spec.ranking)
        return SelectionSplit.several(choosers + contrasts, by, spec.seed, spec.splits)
            .filter { halves -> choosers.any(halves::chooses) && !contrasts.all(halves::chooses) }
            .map { halves ->
                val ranked = rankings.ranked(spec.ranking, spec.order, halves::chooses)
                Split(ranked, contrasts.indices.filterNot { halves.chooses(contrasts[it]) })
            }
    }

    private fun sets(): List<List<List<List<Int>>>> {
        val random = Random(spec.seed)
        val orders = List(spec.draws) { heads.all.shuffled(random) }
        return splits.map { split ->
            sizes.map { size ->
                val chosen = split.ranked.take(size)
                (listOf(chosen) + orders.map { heads.likewise(chosen, it, spec.among) }).map { it.sorted() }
            }
        }
    }

    /** Groups the distinct sets by the examples that are measured with them. */
    private fun groups(): List<Pair<List<Int>, List<List<Int>>>> {
        val needed = LinkedHashMap<List<Int>, MutableSet<Int>>()
        splits.zip(sets) { split, bySize ->
            bySize.flatten().distinct().forEach { needed.getOrPut(it) { sortedSetOf() } += split.measured }
        }
        return needed.entries.groupBy({ it.value.toList() }, { it.key }).toList()
    }

    override fun results(swept: List<SweepResult>): List<Result> {
        val parts = swept.map { it.result(null) }
        val changes = groups.zip(parts).flatMap { (group, part) -> changes(group, part) }.toMap()
        val measured = splits.flatMap { it.measured }.distinct().sorted()
        val estimates = estimates(measured, changes)
        val result =
            Result(
                name = spec.name,
                kind = ResultKind.JointAblation,
                metric = "change of ${spec.metric.text}",
                axes = listOf(AxisSpec("heads", sizes.map { "$it" }), AxisSpec("set", JointEstimates.SETS)),
                examples = measured.map { contrasts[it].label },
                shape = listOf(sizes.size, JointEstimates.SETS.size),
                perExample = estimates.rows,
                baseline = baseline(measured, parts),
                mean = meanOver(estimates.rows),
                audit = parts.mapNotNull { it.audit }.takeIf { it.isNotEmpty() }?.let(::together),
                rounding = parts.mapNotNull { it.rounding }.maxByOrNull { it.floor },
                randomSets = estimates.randomSets(),
                notes = notes() + listOfNotNull(bySplit(changes)),
            )
        val inferred = on.spec.inference ?: return listOf(result)
        return listOf(estimates.inferred(result, measured.map { contrasts[it] }, inferred))
    }

    private fun estimates(
        measured: List<Int>,
        changes: Map<Pair<Int, List<Int>>, Double?>,
    ): JointEstimates {
        val chosen =
            splits.mapIndexed { number, split ->
                val rows = split.measured.map { measured.indexOf(it) }
                ChoosingSplit(rows, split.ranked.take(sizes.maxOrNull() ?: 0).map(heads::label), emptyList())
            }
        val values =
            splits.mapIndexed { number, split ->
                split.measured.map { example -> sets[number].map { bySet -> bySet.map { changes[example to it] } } }
            }
        val possible =
            sizes.map { size -> heads.possible(splits.map { it.ranked.take(size) }, spec.among) }
        return JointEstimates(spec, sizes, measured.size, chosen, values, possible)
    }

    /** Returns the changes from the unedited run, by example and set. */
    private fun changes(
        group: Pair<List<Int>, List<List<Int>>>,
        part: Result,
    ): List<Pair<Pair<Int, List<Int>>, Double?>> {
        val unedited = part.baseline.getValue(spec.run.label)
        return group.first.flatMapIndexed { row, example ->
            group.second.mapIndexed { cell, set ->
                val value = part.perExample[row][cell]
                (example to set) to unedited[row]?.let { value?.minus(it) }
            }
        }
    }

    /** Returns the unedited runs of the [measured] examples. */
    private fun baseline(
        measured: List<Int>,
        parts: List<Result>,
    ): Map<String, List<Double?>> {
        val where = measured.map { example -> groups.indexOfFirst { example in it.first } to example }
        return parts.firstOrNull()?.baseline.orEmpty().keys.associateWith { run ->
            where.map { (group, example) ->
                parts[group].baseline.getValue(run)[groups[group].first.indexOf(example)]
            }
        }
    }

    private fun notes(): List<String> {
        if (splits.isEmpty()) {
            return listOf("Too few ${by.words}s to choose heads on some and measure on others.")
        }
        if (rankings.allTied(spec.ranking)) return listOf(unranked(spec.ranking) + " No heads were chosen.")
        val left = spec.sizes.distinct() - sizes.toSet()
        val dropped = "Not measured with ${left.joinToString()} heads: more than half of the ranked ones."
        return listOf(chosenNote()) + listOfNotNull(dropped.takeIf { left.isNotEmpty() })
    }

    /** Describes the mean change of the chosen heads in each split; null if there is one split. */
    private fun bySplit(changes: Map<Pair<Int, List<Int>>, Double?>): String? {
        if (splits.size < 2 || sizes.isEmpty()) return null
        val each = sizes.mapIndexed { size, heads ->
            val means = splits.mapIndexed { number, split ->
                val chosen = sets[number][size].first()
                split.measured.mapNotNull { changes[it to chosen] }.average()
            }
            "$heads heads " + means.joinToString { "%.3f".format(Locale.ROOT, it) }
        }
        return "Mean change by split: ${each.joinToString("; ")}."
    }

    private fun chosenNote(): String {
        val most = sizes.maxOrNull() ?: return "No number of heads could be measured."
        val tally = splits.flatMap { it.ranked.take(most) }.groupingBy { it }.eachCount().entries
        val shown = tally.sortedByDescending { it.value }.joinToString { (head, n) -> "${heads.label(head)} ($n)" }
        return "${splits.size} splits into halves that share no ${by.words}, ranked by ${spec.ranking}. In the top " +
            "$most, with the number of splits: $shown."
    }
}
