package dev.kausal.reports.result

import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec

/** The kind of edit that a sweep makes, which decides what its effects can show. */
internal enum class EditKind {
    /** Patches the clean run's activations into another run. */
    RESTORE,

    /** Patches another run's activations into the clean run. */
    CORRUPT,

    /** Ablates activations of the clean run: zeros, a mean or another prompt's activations. */
    ABLATE,

    /** Ablates activations of the corrupted or noised run. */
    ABLATE_CORRUPTED,

    /** Anything else, such as a function of the script, or several of these at once. */
    OTHER,
}

/** Returns the kind of all edits of a sweep; [EditKind.OTHER] if they are of several kinds, or if it is no sweep. */
internal fun editKindOf(analysis: AnalysisSpec?): EditKind =
    (analysis as? SweepSpec)?.cells.orEmpty().map { it.kind }.distinct().singleOrNull() ?: EditKind.OTHER

private val CellSpec.kind: EditKind
    get() =
        // An edit that restores the edited run's own activation freezes a path; it has no effect of its own.
        edits.map { it.value }.filter { it != ValueSpec.From(run) }.map { kindOf(it, run) }.distinct().singleOrNull()
            ?: EditKind.OTHER

private fun kindOf(
    value: ValueSpec,
    run: RunSpec,
): EditKind =
    when (value) {
        is ValueSpec.From -> {
            when {
                value.run is RunSpec.Edited -> EditKind.OTHER
                value.run == RunSpec.Clean -> EditKind.RESTORE
                run == RunSpec.Clean -> EditKind.CORRUPT
                else -> EditKind.OTHER
            }
        }

        ValueSpec.Zero, is ValueSpec.Mean, is ValueSpec.PositionMean, is ValueSpec.Resample,
        is ValueSpec.ProjectedOut,
        -> {
            if (run == RunSpec.Clean) EditKind.ABLATE else EditKind.ABLATE_CORRUPTED
        }

        is ValueSpec.Feature -> {
            when {
                value.added || value.amount != 0.0 -> EditKind.OTHER
                run == RunSpec.Clean -> EditKind.ABLATE
                else -> EditKind.ABLATE_CORRUPTED
            }
        }

        is ValueSpec.Vector, is ValueSpec.RandomMove, is ValueSpec.Lambda -> {
            EditKind.OTHER
        }
    }

/** Whether a higher value of the metric means that the model is better at the answer; null if that is not known. */
internal val ResultGrid.higherIsBetter: Boolean?
    get() =
        when ((analysis as? SweepSpec)?.metric) {
            MetricSpec.LogitDifference, MetricSpec.Logit, MetricSpec.Accuracy -> true
            MetricSpec.Probability, MetricSpec.LogProbability, is MetricSpec.Recovery -> true
            MetricSpec.ProbabilityDifference, is MetricSpec.Likelihood -> true
            MetricSpec.Kl, MetricSpec.Loss -> false
            is MetricSpec.Named, null -> null
        }

/** Returns what an effect of such edits shows, and what it does not; null if that depends on the edit. */
internal fun caution(kind: EditKind): String? =
    when (kind) {
        EditKind.RESTORE -> {
            "Denoising (clean activations into a corrupted run) tests sufficiency, not necessity."
        }

        EditKind.CORRUPT -> {
            "Noising (corrupted activations into the clean run) tests necessity, not sufficiency."
        }

        EditKind.ABLATE -> {
            "Ablation tests necessity, not sufficiency; a component without effect may be backed up by others."
        }

        EditKind.ABLATE_CORRUPTED -> {
            "Ablating the corrupted run shows which components push it away from the answer, not what the clean run uses."
        }

        EditKind.OTHER -> {
            null
        }
    }
