package dev.kausal.reports.stories

import dev.kausal.reports.words.count
import dev.kausal.spec.ResultKind
import dev.kausal.spec.SpecialisationSpec

/** Which heads look alike. */
internal object SpecialisationStory : Story<SpecialisationSpec> {
    override val spec = SpecialisationSpec::class
    override val kind = ResultKind.Specialisation

    override fun method(spec: SpecialisationSpec): String =
        "Similarity of heads: the correlation of two heads' maps, averaged over images, clustered by average " +
            "linkage into ${count(spec.clusters, "cluster")}."
}
