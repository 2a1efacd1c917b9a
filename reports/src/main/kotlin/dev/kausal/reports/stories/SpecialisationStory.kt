package dev.kausal.reports.stories

import dev.kausal.reports.words.count
import dev.kausal.spec.ResultKind
import dev.kausal.spec.SpecialisationSpec

/** Similarity of heads by their attention. */
internal object SpecialisationStory : Story<SpecialisationSpec> {
    override val spec = SpecialisationSpec::class
    override val kind = ResultKind.Specialisation

    override fun method(spec: SpecialisationSpec): String =
        "Similarity of heads: correlation of their maps, mean over images; average-linkage clustering into " +
            "${count(spec.clusters, "cluster")}."
}
