package dev.kausal.reports.stories

import dev.kausal.reports.words.count
import dev.kausal.spec.ActivationMapsSpec
import dev.kausal.spec.ActivationNumber
import dev.kausal.spec.ResultKind

/** A scalar of the residual stream at each patch. */
internal object ActivationMapsStory : Story<ActivationMapsSpec> {
    override val spec = ActivationMapsSpec::class
    override val kind = ResultKind.ActivationMaps

    override fun method(spec: ActivationMapsSpec): String = methodOfActivationMaps(spec)
}

private fun methodOfActivationMaps(maps: ActivationMapsSpec): String {
    val number = if (maps.of == ActivationNumber.Mean) "Mean over features" else "Euclidean norm"
    return "$number of the residual stream at each patch after ${count(maps.layers.size, "block")}, without special " +
        "tokens ([CLS], registers)."
}
