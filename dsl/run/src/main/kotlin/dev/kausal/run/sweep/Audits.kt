package dev.kausal.run.sweep

import dev.kausal.spec.Audit

/** Combines the audits of an analysis's sweeps. */
internal fun together(audits: List<Audit>): Audit =
    Audit(
        cells = audits.sumOf { it.cells },
        fired = audits.sumOf { it.fired },
        unchanged = audits.sumOf { it.unchanged },
        largestChange = audits.maxOf { it.largestChange },
    )
