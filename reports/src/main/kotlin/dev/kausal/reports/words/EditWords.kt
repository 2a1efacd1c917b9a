package dev.kausal.reports.words

import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.spec.words

/** A place in running text. */
internal fun at(place: PlaceSpec): String =
    when (place) {
        PlaceSpec.All -> "at every position"
        PlaceSpec.Last -> "at the last position"
        is PlaceSpec.Position -> "at one position"
        is PlaceSpec.Patch -> "at one patch"
        is PlaceSpec.Span -> "at ${spanWords(place.span)}"
        is PlaceSpec.EachOf -> "at ${spanWords(place.span)} (averaged)"
    }

/** What an edit does to an activation, after "is". */
internal fun value(value: ValueSpec): String =
    when (value) {
        ValueSpec.Zero -> "set to zero"
        ValueSpec.Mean -> "set to its mean over all prompts and positions"
        ValueSpec.PositionMean -> "set to its mean over all prompts at the same position"
        is ValueSpec.Resample -> "resampled from another prompt (seed ${value.seed})"
        is ValueSpec.From -> "patched from ${run(value.run)}"
        is ValueSpec.RandomMove -> "moved in a random direction, as far as if ${value(value.like)}"
        is ValueSpec.Lambda -> "changed by the function at ${value.place}"
    }

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
    }

/** The unit of a noised run's strength. */
private fun unit(run: RunSpec.Noised): String {
    val deviation = run.deviation
    return if (deviation != null) {
        "times ${number(deviation, 4)}"
    } else {
        "standard deviations of the subject embeddings of ${run.ofLabel ?: run.of ?: "the set"}"
    }
}
