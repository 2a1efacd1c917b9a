package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.AttentionMapsSpec
import dev.kausal.spec.ResultKind

/** Attention to the patches of an image. */
internal object AttentionMapsStory : Story<AttentionMapsSpec> {
    override val spec = AttentionMapsSpec::class
    override val kind = ResultKind.AttentionMaps

    override fun title(grid: ResultGrid): String = "attention to the image's patches"

    override fun method(spec: AttentionMapsSpec): String {
        val from = if (spec.from == null) "from [CLS]" else "from one position"
        val mean = if (spec.meanOverHeads) ", mean over heads" else ""
        return "Attention to the patches of each image $from$mean, without that to [CLS] and registers."
    }
}
