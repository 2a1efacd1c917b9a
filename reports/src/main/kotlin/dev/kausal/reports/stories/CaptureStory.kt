package dev.kausal.reports.stories

import dev.kausal.reports.figure.isOfVectors
import dev.kausal.reports.figure.shapeKind
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.run
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind

/** Captured activations. */
internal object CaptureStory : Story<CaptureSpec> {
    override val spec = CaptureSpec::class
    override val kind = ResultKind.Capture

    override fun figure(grid: ResultGrid): FigureKind = if (isOfVectors(grid)) FigureKind.Lines else shapeKind(grid)

    override fun method(spec: CaptureSpec): String =
        "Activations at ${spec.site} on ${run(spec.run)}."
}
