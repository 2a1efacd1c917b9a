package dev.kausal.run.sweep

import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.requests.FirstNonFinite
import dev.kausal.run.backend.OutcomeBytes
import dev.kausal.run.backend.Shard
import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.Assignment
import dev.kausal.run.context.CompiledSweep
import dev.kausal.run.context.PartsMissing
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.ScriptFunctions
import dev.kausal.run.context.SweepsPlan
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.SweepSpec

/** Runs sweeps on a model, all of one call as one plan. */
internal class Sweeps(
    private val on: RunContext,
) {
    private val progress = on.progress

    /**
     * Computes [asked] together, and those that are estimated alike; results are in its order.
     *
     * @throws PartsMissing if cells of other shards are missing; those of this shard are then computed
     * @param title title in progress and in the journal; the sweep's own name, or their number, if null
     */
    fun run(
        asked: List<SweepRequest>,
        title: String? = null,
    ): List<SweepResult> {
        val groups = asked.map(::withReferences).withIndex().groupBy { Way(it.value.sweep) }
        val words = groups.keys.mapNotNull { it.by?.word }
        val steps = groups.entries.mapIndexed { number, (way, same) ->
            val by = way.by
            val requests = same.map { it.value }
            val name = title ?: requests.singleOrNull()?.sweep?.name ?: "${requests.size} sweeps"
            val named =
                when {
                    by == null -> name

                    words.count { it == by.word } == 1 -> "$name, by ${by.word}"

                    // Rules of the backward pass are not in the word, but each needs parts of the journal of its own.
                    else -> "$name, by ${by.word} (${number + 1})"
                }
            {
                val screened = Bfloat16Sweeps(this).takeIf { way.screened }
                val found = screened?.run(requests, named, on) ?: compute(requests, named)
                same.map { it.index }.zip(found)
            }
        }
        val found = PartsMissing.gathered(steps).flatten()
        return found.sortedBy { it.first }.map { it.second }
    }

    private fun withReferences(asked: SweepRequest): SweepRequest {
        val named = asked.sweep.references
        val sets = on.spec.contrasts.filter { it.name in named }
        return asked.copy(references = sets.associate { it.name to it.contrasts })
    }

    /** How a sweep is computed; those that agree are computed together. */
    private data class Way(
        val by: EstimateSpec?,
        val screened: Boolean,
    ) {
        constructor(sweep: SweepSpec) : this(sweep.by, sweep.screen != null)
    }

    private fun compute(
        asked: List<SweepRequest>,
        name: String,
    ): List<SweepResult> = computed(asked, name).map { result(it) }

    /**
     * Computes [asked] as one plan.
     *
     * @param name title in progress and in the journal
     * @param bfloat16 whether products are in bfloat16 although the run is in float32
     */
    fun computed(
        asked: List<SweepRequest>,
        name: String,
        bfloat16: Boolean = false,
    ): List<ComputedSweep> {
        val laid = on.plans[name] ?: laidOut(asked)
        if (on.assignment == Assignment.ByName) on.plans[name] = laid
        val plan = laid.joined
        progress.begin(name, plan.cells().size)
        val outcomes = OutcomeBytes.joined(
            PartsMissing.gathered(
                shards(plan, name, asked, bfloat16).map {
                    { outcomes(plan, it) }
                },
            ),
        )
        progress.end()
        var before = 0
        return asked.zip(laid.each) { request, plan ->
            val own = outcomes.subList(before, before + plan.plan.cells().size)
            before += own.size
            ComputedSweep(request, plan, own)
        }
    }

    private fun laidOut(asked: List<SweepRequest>): SweepsPlan {
        val functions = ScriptFunctions(on.experiment)
        val each = asked.map { it.compiled(on.backend.points, on.noise, on.inputs, functions) }
        return SweepsPlan(each, SweepPlan.joined(each.map { it.plan }))
    }

    /** Returns the result of a sweep with the outcomes of its cells. */
    fun result(
        computed: ComputedSweep,
        outcomes: List<CellOutcome> = computed.outcomes,
    ): SweepResult {
        val plan = computed.compiled
        val (sweep, examples) = computed.request.let { it.sweep to it.examples }
        return SweepResult(sweep, examples, plan, outcomes, on.backend.config.terms, on.noise) { cell ->
            on.backend.answer(FirstNonFinite(plan.plan, cell)).orElse(null)
        }
    }

    /**
     * Splits the cells into shards that are computed one after another, so that finished ones can be kept. Shards are
     * large, so that little shared work is repeated.
     */
    private fun shards(
        plan: SweepPlan,
        name: String,
        asked: List<SweepRequest>,
        bfloat16: Boolean,
    ): List<Shard> {
        val spec = on.declared.copy(vectors = on.inputs.vectors)
        val each = shardCells(asked)
        return (plan.cells().indices step each).mapIndexed { index, first ->
            Shard(spec, name, asked, index, first, minOf(first + each, plan.cells().size) - 1, bfloat16)
        }
    }

    /** Cells that are estimated share the passes of their run: if shards cut them apart, each repeats these passes. */
    private fun shardCells(asked: List<SweepRequest>): Int {
        val computed = on.backend.tuning.shardCells()
        return if (asked.all { it.sweep.by == null }) computed else ESTIMATED * computed
    }

    private fun outcomes(
        plan: SweepPlan,
        shard: Shard,
    ): List<CellOutcome> {
        val kept = on.journal.read(shard.part)?.let { OutcomeBytes.read(it, shard.cells) }
        val outcomes = kept ?: on.assigned(shard.part, shard.title, shard.index) { computed(plan, shard) }
        progress.done(shard.last + 1)
        return outcomes
    }

    private fun computed(
        plan: SweepPlan,
        shard: Shard,
    ): List<CellOutcome> {
        val part = plan.part(shard.first, shard.last)
        val bytes = on.backend.outcomes(shard, part) { progress.done(shard.first + it) }
        on.journal.write(shard.part, bytes)
        return checkNotNull(OutcomeBytes.read(bytes, shard.cells)) { "not the outcomes of ${shard.cells} cells" }
    }

    private companion object {
        /** How many times as many cells as of a computed sweep are estimated before they are saved. */
        const val ESTIMATED = 25
    }
}

/** A sweep with the outcomes of its plan's cells. */
internal class ComputedSweep(
    val request: SweepRequest,
    val compiled: CompiledSweep,
    val outcomes: List<CellOutcome>,
)
