package dev.kausal.dsl.mistakes

import dev.kausal.dsl.mistakes.Wording.count

/**
 * A displayed mistake, which stands for all that are the same in other layers or prompts.
 *
 * @property mistake the first of them
 * @property message its message, with the other places
 */
public class ToldMistake internal constructor(
    public val mistake: Mistake,
    public val message: String,
)

/** Returns [mistakes] in their order; those that differ in their layer alone, or in their prompt alone, are merged. */
internal fun told(mistakes: List<Mistake>): List<ToldMistake> =
    mistakes.map { it to apartFromPlace(it) }.groupBy { (_, apart) -> apart.mistake }.values
        .map { same ->
            val first = same.first().first
            ToldMistake(first, first.message + elsewhere(same.drop(1)))
        }

/** A [mistake] without its layer or prompt, which others may have in common with it, and its layer. */
private class ApartFromPlace(
    val mistake: Mistake,
    val layer: Int? = null,
)

/** Returns the mistake without its layer or prompt, for comparison. */
private fun apartFromPlace(it: Mistake): ApartFromPlace =
    when (it) {
        is Mistake.NoSuchLayer -> ApartFromPlace(it.copy(layer = 0), it.layer)
        is Mistake.NoSuchHead -> ApartFromPlace(it.copy(layer = 0), it.layer)
        is Mistake.NoSuchNeuron -> ApartFromPlace(it.copy(layer = 0), it.layer)
        is Mistake.NoSuchHook -> ApartFromPlace(it.copy(hook = anyLayer(it.hook)), layerOf(it.hook))
        is Mistake.MeanOverQueries -> ApartFromPlace(it.copy(hook = anyLayer(it.hook)), layerOf(it.hook))
        is EditMistake.CannotEdit -> ApartFromPlace(it.copy(site = anyLayer(it.site)), layerOf(it.site))
        is EditMistake.NoHeads -> ApartFromPlace(it.copy(hook = anyLayer(it.hook)), layerOf(it.hook))
        is EditMistake.VectorSize -> ApartFromPlace(it.copy(site = anyLayer(it.site)), layerOf(it.site))
        is EditMistake.FrozenAway -> ApartFromPlace(it.copy(sites = it.sites.map(::anyLayer)))
        is Mistake.NoSuchPosition -> ApartFromPlace(it.copy(prompt = "", tokens = 0))
        is Mistake.NoSuchPatch -> ApartFromPlace(it.copy(image = "", grid = null))
        is Mistake.SpanAbsent -> ApartFromPlace(it.copy(prompt = ""))
        is Mistake.PatchLengths -> ApartFromPlace(it.copy(contrast = "", from = 0, to = 0))
        is Mistake.NoDonor -> ApartFromPlace(it.copy(contrast = "", tokens = 0))
        is Mistake.Lacking -> ApartFromPlace(it.copy(neededBy = ""))
        else -> ApartFromPlace(it)
    }

private fun elsewhere(others: List<Pair<Mistake, ApartFromPlace>>): String {
    if (others.isEmpty()) return ""
    val layers = others.mapNotNull { (_, apart) -> apart.layer }.sorted()
    val number = others.size
    val where =
        when (others.first().first) {
            is Mistake.Lacking -> "for " + others.joinToString(" and ") { (it) -> (it as Mistake.Lacking).neededBy }
            is EditMistake.FrozenAway -> count(number, "more time")
            is Mistake.NoSuchPatch -> "in " + count(number, "other image")
            else -> "in " + if (layers.isEmpty()) count(number, "other prompt") else layersText(layers)
        }
    return "; the same $where"
}

private fun layerOf(hook: String): Int? = LAYER.find(hook)?.groupValues?.get(1)?.toInt()

private fun anyLayer(hook: String): String = LAYER.replace(hook, "blocks.N.")

private fun layersText(layers: List<Int>): String {
    val first = layers.first()
    if (layers.size == 1) return "layer $first"
    val all = layers == (first..layers.last()).toList()
    return "layers " + if (all && layers.size > 2) "$first to ${layers.last()}" else layers.joinToString()
}

private val LAYER = Regex("""blocks\.(\d+)\.""")
