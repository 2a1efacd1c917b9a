package dev.kausal.reports.stories

import dev.kausal.reports.words.count
import dev.kausal.spec.ActivationMapsSpec
import dev.kausal.spec.ActivationNumber
import dev.kausal.spec.ResultKind

/** One number of the stream, patch by patch. */
internal object ActivationMapsStory : Story<ActivationMapsSpec> {
    override val spec = ActivationMapsSpec::class
    override val kind = ResultKind.ActivationMaps

    override fun method(spec: ActivationMapsSpec): String = methodOfActivationMaps(spec)
}

/** What a map of activations shows, in sentences. */
private fun methodOfActivationMaps(maps: ActivationMapsSpec): String {
    val number = if (maps.of == ActivationNumber.Mean) "the mean over its features" else "its Euclidean length"
    return "What ${count(maps.layers.size, "block")} leave in the residual stream at each patch: $number. " +
        "[CLS], registers and the like are on no grid and left out."
}
