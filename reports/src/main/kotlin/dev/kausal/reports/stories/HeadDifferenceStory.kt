package dev.kausal.reports.stories

import dev.kausal.reports.words.at
import dev.kausal.spec.HeadDifferenceSpec
import dev.kausal.spec.ResultKind

/** Norms of the differences of heads. */
internal object HeadDifferenceStory : Story<HeadDifferenceSpec> {
    override val spec = HeadDifferenceSpec::class
    override val kind = ResultKind.HeadDifference

    override fun method(spec: HeadDifferenceSpec): String =
        "Difference of heads: the norm of the difference of what each head writes into the residual stream " +
            "${at(spec.place)} in the clean and in the corrupted run."
}
