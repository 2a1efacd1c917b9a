package dev.kausal.reports.words

import dev.kausal.spec.ChoiceSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.spec.WriterSpec
import dev.kausal.spec.words

/** Describes a place in running text. */
internal fun at(place: PlaceSpec): String =
    when (place) {
        PlaceSpec.All -> "at every position"
        PlaceSpec.Last -> "at the last position"
        is PlaceSpec.Position -> "at one position"
        is PlaceSpec.Patch -> "at one patch"
        is PlaceSpec.Span -> "at ${spanWords(place.span)}"
        is PlaceSpec.EachOf -> "at ${spanWords(place.span)} (averaged)"
    }

/** Describes an edit's effect on an activation, after "is". */
internal fun value(value: ValueSpec): String =
    when (value) {
        ValueSpec.Zero -> "set to zero"
        is ValueSpec.Mean -> "set to its mean over all ${prompts(value.of)} and positions"
        is ValueSpec.PositionMean -> "set to its mean over all ${prompts(value.of)} at the same position"
        is ValueSpec.Resample -> "resampled from another prompt (seed ${value.seed})"
        is ValueSpec.From -> from(value)
        is ValueSpec.Vector -> if (value.added) "shifted by a vector" else "set to a vector"
        is ValueSpec.ProjectedOut -> "freed of its component along ${vectors(value.vectors)}"
        is ValueSpec.RandomMove -> "moved in a random direction, as far as if ${value(value.like)}"
        is ValueSpec.Feature -> feature(value)
        is ValueSpec.Lambda -> "changed by the function at ${value.place}"
    }

/** Names the vectors that span a subspace. */
private fun vectors(numbers: List<Int>): String =
    if (numbers.distinct().size == 1) "a direction" else "${numbers.distinct().size} directions"

private fun feature(value: ValueSpec.Feature): String {
    val features = if (value.features.size == 1) "a feature's activation" else "features' activations"
    val how = if (value.added) "changed by ${number(value.amount)}" else "set to ${number(value.amount)}"
    return "given $features $how, all else kept"
}

private fun from(value: ValueSpec.From): String {
    value.along?.let { return "given the component along ${vectors(it)} of ${run(value.run)} in place of its own" }
    val writer = value.writer ?: return "patched from ${run(value.run)}"
    return "given ${output(writer)} of ${run(value.run)} in place of its own"
}

private fun output(writer: WriterSpec): String =
    when {
        writer.part is PartSpec.Head -> "one head's output"
        writer.site.endsWith("hook_mlp_out") -> "one MLP's output"
        else -> "the embedding"
    }

private fun prompts(of: String?): String = if (of == null) "prompts" else "clean prompts of the set $of"

internal fun run(run: RunSpec): String =
    when (run) {
        RunSpec.Clean -> {
            "the clean run"
        }

        RunSpec.Corrupted -> {
            "the corrupted run"
        }

        is RunSpec.Noised -> {
            "the noised run (Gaussian noise of ${number(run.sigmas, 1)} ${unit(run)} " +
                "on the embedding ${at(run.span)}; ${count(run.samples, "sample")}, " +
                "seed ${run.seed}; Meng et al. 2022)"
        }

        is RunSpec.Edited -> {
            "${run(run.base)} with other edits (${edits(run)})"
        }
    }

/** Describes the unit of a noised run's strength. */
private fun unit(run: RunSpec.Noised): String {
    val deviation = run.deviation
    return if (deviation != null) {
        "times ${number(deviation, 4)}"
    } else {
        "standard deviations of the subject embeddings of ${run.ofLabel ?: run.of ?: "the set"}"
    }
}

/** Describes the edits of a run, each kind once. */
private fun edits(run: RunSpec.Edited): String =
    run.edits.map { value(it.value) }.distinct().joinToString { of ->
        val count = run.edits.count { value(it.value) == of }
        if (of == value(ValueSpec.From(run.base))) "${count(count, "site")} kept" else "${count(count, "site")} $of"
    }

/** Describes a choice. */
internal fun chosen(choice: ChoiceSpec): String {
    val one = if (choice.rank == null) "" else "one of "
    return "${one}the ${choice.order.name.lowercase()} ${choice.count} of ${choice.ranking}"
}
