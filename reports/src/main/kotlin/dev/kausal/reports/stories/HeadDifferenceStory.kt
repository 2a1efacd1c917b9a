package dev.kausal.reports.stories

import dev.kausal.reports.words.at
import dev.kausal.spec.HeadDifferenceSpec
import dev.kausal.spec.ResultKind

/** Norms of the difference of a head's output between two runs. */
internal object HeadDifferenceStory : Story<HeadDifferenceSpec> {
    override val spec = HeadDifferenceSpec::class
    override val kind = ResultKind.HeadDifference

    override fun method(spec: HeadDifferenceSpec): String =
        "Norm of the difference of each head's output in the residual stream ${at(spec.place)} between the clean and " +
            "the corrupted run."
}
