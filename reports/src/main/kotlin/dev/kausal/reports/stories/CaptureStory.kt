package dev.kausal.reports.stories

import dev.kausal.reports.words.run
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ResultKind

/** Captured activations. */
internal object CaptureStory : Story<CaptureSpec> {
    override val spec = CaptureSpec::class
    override val kind = ResultKind.Capture

    override fun method(spec: CaptureSpec): String =
        "Activations at ${spec.site} on ${run(spec.run)}."
}
