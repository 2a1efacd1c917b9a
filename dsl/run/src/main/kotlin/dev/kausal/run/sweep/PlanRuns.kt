package dev.kausal.run.sweep

import dev.kausal.engine.edits.EdgeFromRun
import dev.kausal.engine.edits.Edit
import dev.kausal.engine.edits.FeatureChange
import dev.kausal.engine.edits.FeatureEdit
import dev.kausal.engine.edits.FromRun
import dev.kausal.engine.edits.GivenVector
import dev.kausal.engine.edits.MeanOf
import dev.kausal.engine.edits.PositionMean
import dev.kausal.engine.edits.PositionRange
import dev.kausal.engine.edits.ProjectedOut
import dev.kausal.engine.edits.RandomMove
import dev.kausal.engine.edits.RandomVector
import dev.kausal.engine.edits.Replacement
import dev.kausal.engine.edits.ScriptFunction
import dev.kausal.engine.edits.Subspace
import dev.kausal.engine.edits.SubspaceFromRun
import dev.kausal.engine.edits.Zero
import dev.kausal.engine.plan.Run
import dev.kausal.run.context.ScriptCode
import dev.kausal.run.context.ScriptFunctions
import dev.kausal.run.inputs.Noise
import dev.kausal.run.inputs.Seeds
import dev.kausal.run.inputs.followedBy
import dev.kausal.run.inputs.labelsAt
import dev.kausal.run.inputs.rows
import dev.kausal.run.inputs.run
import dev.kausal.spec.EditSpec
import dev.kausal.spec.HookCall
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.spec.VectorSpec
import dev.kausal.spec.WriterSpec
import java.util.Optional
import java.util.Random

/**
 * The runs of a sweep's plan, without duplicates, and the engine's edits for its cells and runs.
 *
 * @property runs runs in order of first use; edits refer to them by index
 */
internal class PlanRuns(
    private val sweep: SweepSpec,
    private val given: SweepInputs,
    private val functions: ScriptFunctions,
) {
    val runs = mutableListOf<Run>()
    private val contrasts = given.contrasts
    private val indices = mutableMapOf<RunKey, Int>()

    /** Returns the place of a run in the plan, which has it from now on. */
    fun index(key: RunKey): Int =
        indices.getOrPut(key) {
            runs += given.inputs.run(prompt(key).followedBy(key.continuation), edits(key))
            runs.lastIndex
        }

    /** Returns the run's own edits: noise, or those of an edited run, which may read further runs. */
    private fun edits(key: RunKey): List<Edit> =
        when (val run = key.run) {
            RunSpec.Clean, RunSpec.Corrupted -> {
                emptyList()
            }

            is RunSpec.Noised -> {
                val noise = Noise.edit(run, prompt(key), key.sample, given.deviation(run))
                listOf(if (noise.rows().all()) noise.at(PositionRange(0, prompt(key).tokens.lastIndex)) else noise)
            }

            is RunSpec.Edited -> {
                val base = key.copy(run = run.base)
                edits(base) + run.edits.map { edit(CellEdit(base, it, run.edits, null, null)) }
            }
        }

    /** Returns the prompt that a run reads, without its continuation. */
    fun prompt(key: RunKey): PromptSpec {
        val set = key.set?.let { given.references.getValue(it) } ?: given.sources.takeIf { key.lent } ?: contrasts
        return set[key.example].run(key.run)
    }

    /** Returns the run that a patch of [example] reads. */
    fun source(
        example: Int,
        run: RunSpec,
        sample: Int,
    ) = RunKey(example, run, sample, lent = given.sources != null)

    /** Returns the edit as the engine makes it. */
    fun edit(made: CellEdit): Edit {
        return Edit(made.spec.site, rows(made), made.spec.part.toPart(), value(made, made.spec.value))
    }

    /** Returns what [edit] writes into the run of [key], wherever it is; for edits that [isSharedByPlaces]. */
    fun written(
        key: RunKey,
        edit: EditSpec,
    ): WrittenValue {
        val value = edit.value
        if (value !is ValueSpec.From) {
            return WrittenValue.Same(value(CellEdit(key, edit, listOf(edit), null, null), value))
        }
        val source = source(key, value.run)
        return WrittenValue.Copied(index(source), prompt(source))
    }

    private fun value(
        made: CellEdit,
        value: ValueSpec,
    ): Replacement =
        when (value) {
            ValueSpec.Zero -> Zero()
            is ValueSpec.Mean -> MeanOf(averaged(made.key, value.of))
            is ValueSpec.PositionMean -> PositionMean(averaged(made.key, value.of), rows(made))
            is ValueSpec.Resample -> resample(made, value.seed)
            is ValueSpec.From -> from(made, value)
            is ValueSpec.RandomMove -> randomMove(made, value, value(made, value.like))
            is ValueSpec.Vector -> vector(made, value)
            is ValueSpec.ProjectedOut -> ProjectedOut(subspace(made, value.vectors))
            is ValueSpec.Lambda -> lambda(made, value)
            is ValueSpec.Feature -> feature(value)
        }

    private fun rows(made: CellEdit): PositionRange = made.spec.at.rows(prompt(made.key), made.step)

    /** Returns the run of [key] of every example; the clean runs of the set called [of], if one is named. */
    private fun averaged(
        key: RunKey,
        of: String?,
    ): List<Int> =
        if (of == null) {
            contrasts.indices.map { index(key.copy(example = it, continuation = emptyList())) }
        } else {
            given.references.getValue(of).indices.map { index(RunKey(it, RunSpec.Clean, 0, set = of)) }
        }

    private fun vector(
        made: CellEdit,
        value: ValueSpec.Vector,
    ): Replacement {
        val vector = given.inputs.vectors[value.index]
        if (vector !is VectorSpec.Random) {
            val values = values(made, vector)
            val scaled = if (value.scale == 1.0) values else values.map { (it * value.scale).toFloat() }
            return GivenVector(scaled, value.added)
        }
        val prompt = Noise.contents(prompt(made.key))
        val seed = Seeds.vector(vector.seed, prompt, made.spec.site, made.key.sample)
        return RandomVector(vector.norm * value.scale, seed, value.added)
    }

    /** Returns the numbers of [vector] for the edited example; none of a fitted one before it is fitted, as in a plan. */
    private fun values(
        made: CellEdit,
        vector: VectorSpec,
    ): List<Float> {
        val example = contrasts[made.key.example]
        return when (vector) {
            is VectorSpec.Same -> vector.values
            is VectorSpec.ByExample -> vector.values.getValue(example.label)
            is VectorSpec.HeldOut -> vector.of(example)
            is VectorSpec.Fitted -> emptyList()
            is VectorSpec.Random -> error("a random vector has no length of its own")
        }
    }

    private fun subspace(
        made: CellEdit,
        vectors: List<Int>,
    ): Subspace = Subspace.of(vectors.map { values(made, given.inputs.vectors[it]) })

    private fun feature(value: ValueSpec.Feature): Replacement {
        val amount = value.amount.toFloat()
        val change = if (value.added) FeatureChange.By(amount) else FeatureChange.To(amount)
        val dictionary = given.inputs.dictionaries[value.dictionary]
        return FeatureEdit(dictionary, value.features, change, Optional.ofNullable(value.reads))
    }

    private fun lambda(
        made: CellEdit,
        value: ValueSpec.Lambda,
    ): Replacement {
        val code = ScriptCode("The hook", value.place) { "at ${made.spec.site}, ${where(made.key, made.cell)}" }
        val rows = rows(made)
        val prompt = prompt(made.key)
        val call =
            HookCall(
                point = made.spec.site,
                example = contrasts[made.key.example].label,
                run = made.key.run.label,
                draw = made.key.sample,
                tokens = prompt.tokens,
                positions = if (rows.all()) prompt.tokens.indices else rows.first()..rows.last(),
            )
        return ScriptFunction { x -> code.edited(x) { functions.edited(value.index, it, call) } }
    }

    /** Describes a grid cell of one example, or an unedited run if [cell] is null. */
    fun where(
        key: RunKey,
        cell: Int?,
    ): String {
        val labels = cell?.let { sweep.axes.labelsAt(it) }.orEmpty()
        val named = if (labels.isEmpty()) "" else " (${labels.joinToString()})"
        return "in the sweep '${sweep.name}'$named, on the ${key.run.label} run of '${contrasts[key.example].label}'"
    }

    /** Returns a random change, in another direction for each example, draw of noise and token. */
    private fun randomMove(
        made: CellEdit,
        move: ValueSpec.RandomMove,
        like: Replacement,
    ): Replacement {
        val seed = Seeds.randomMove(move.seed, made.key.example, made.key.sample, made.step?.index ?: 0)
        return RandomMove(like, seed)
    }

    /** Returns the run that a cell of [key] takes the activations of [run] from. */
    private fun source(
        key: RunKey,
        run: RunSpec,
    ): RunKey {
        // A frozen value is of the same draw, and never from the source contrast.
        if (run == key.run) return key
        return source(key.example, run, key.sample % run.draws).copy(continuation = key.continuation)
    }

    private fun from(
        made: CellEdit,
        value: ValueSpec.From,
    ): Replacement {
        val source = source(made.key, value.run)
        val other = FromRun(index(source), made.spec.at.rows(prompt(source), made.step))
        val along = value.along?.let { SubspaceFromRun(other, subspace(made, it)) }
        return along ?: value.writer?.let { edge(made, other, it) } ?: other
    }

    /** Returns a patched edge: takes out what the writer puts out in the edited run, including the cell's other edits. */
    private fun edge(
        made: CellEdit,
        other: FromRun,
        writer: WriterSpec,
    ): Replacement {
        val point = given.points.named(writer.site)
        val earlier = made.beside.filter { it != made.spec && given.points.named(it.site).index() <= point.index() }
        val own = if (earlier.isEmpty()) made.key else made.key.copy(run = RunSpec.Edited(made.key.run, earlier))
        return EdgeFromRun(other, FromRun(index(own), rows(made)), point, writer.part.toPart())
    }

    /** Returns a donor that reaches as far as the edited positions, so that each has one of the same number. */
    private fun resample(
        made: CellEdit,
        seed: Long,
    ): Replacement {
        val key = made.key
        val prompt = prompt(key)
        val edited = made.spec.at.rows(prompt, made.step)
        val rows = if (edited.all()) PositionRange(0, prompt.tokens.lastIndex) else edited
        val donors = donors(key).filter { prompt(it).length > rows.last() }
        check(donors.isNotEmpty()) { "no donor prompt of ${rows.last() + 1} tokens for '${prompt.text}'" }
        val donor = donors[Random(Seeds.donor(seed, key.example)).nextInt(donors.size)]
        return FromRun(index(donor), rows)
    }

    private fun donors(key: RunKey): List<RunKey> {
        val side = if (key.run == RunSpec.Corrupted) RunSpec.Corrupted else RunSpec.Clean
        val others = contrasts.indices.filter { it != key.example }.map { RunKey(it, side, 0) }
        val opposite = if (side == RunSpec.Clean) RunSpec.Corrupted else RunSpec.Clean
        val own = RunKey(key.example, opposite, 0).takeIf { contrasts[key.example].corrupted != null }
        return others.ifEmpty { listOfNotNull(own) }
    }
}
