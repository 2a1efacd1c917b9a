package dev.kausal.dsl.mistakes

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
    mistakes.groupBy(::apartFromPlace).values
        .map { same -> ToldMistake(same.first(), same.first().message + elsewhere(same)) }

/** Returns the mistake without its layer or prompt, for comparison. */
private fun apartFromPlace(it: Mistake): Mistake =
    when (it) {
        is Mistake.NoSuchLayer -> it.copy(layer = 0)
        is Mistake.NoSuchHead -> it.copy(layer = 0)
        is Mistake.NoSuchNeuron -> it.copy(layer = 0)
        is Mistake.NoSuchHook -> it.copy(hook = anyLayer(it.hook))
        is Mistake.MeanOverQueries -> it.copy(hook = anyLayer(it.hook))
        is EditMistake.FrozenAway -> it.copy(sites = it.sites.map(::anyLayer))
        is EditMistake.CannotEdit -> it.copy(site = anyLayer(it.site))
        is EditMistake.NoHeads -> it.copy(hook = anyLayer(it.hook))
        is EditMistake.VectorSize -> it.copy(site = anyLayer(it.site))
        is Mistake.NoSuchPosition -> it.copy(prompt = "", tokens = 0)
        is Mistake.NoSuchPatch -> it.copy(image = "", grid = null)
        is Mistake.SpanAbsent -> it.copy(prompt = "")
        is Mistake.PatchLengths -> it.copy(contrast = "", from = 0, to = 0)
        is Mistake.NoDonor -> it.copy(contrast = "", tokens = 0)
        is Mistake.Lacking -> it.copy(neededBy = "")
        else -> it
    }

private fun elsewhere(same: List<Mistake>): String {
    if (same.size == 1) return ""
    val others = same.drop(1)
    val layers = others.mapNotNull(::layerOf)
    val where =
        when (same.first()) {
            is Mistake.Lacking -> {
                "for " + others.filterIsInstance<Mistake.Lacking>().joinToString(" and ") { it.neededBy }
            }

            is EditMistake.FrozenAway -> {
                counted(others.size, "more time")
            }

            is Mistake.NoSuchPatch -> {
                "in " + counted(others.size, "other image")
            }

            else -> {
                "in " + if (layers.isEmpty()) counted(others.size, "other prompt") else layersText(layers.sorted())
            }
        }
    return "; the same $where"
}

private fun layerOf(it: Mistake): Int? =
    when (it) {
        is Mistake.NoSuchLayer -> it.layer
        is Mistake.NoSuchHead -> it.layer
        is Mistake.NoSuchNeuron -> it.layer
        is Mistake.NoSuchHook -> layerOf(it.hook)
        is Mistake.MeanOverQueries -> layerOf(it.hook)
        is EditMistake.CannotEdit -> layerOf(it.site)
        is EditMistake.NoHeads -> layerOf(it.hook)
        is EditMistake.VectorSize -> layerOf(it.site)
        else -> null
    }

private fun layerOf(hook: String): Int? = LAYER.find(hook)?.groupValues?.get(1)?.toInt()

private fun anyLayer(hook: String): String = LAYER.replace(hook, "blocks.N.")

private fun layersText(layers: List<Int>): String {
    val first = layers.first()
    if (layers.size == 1) return "layer $first"
    val all = layers == (first..layers.last()).toList()
    return "layers " + if (all && layers.size > 2) "$first to ${layers.last()}" else layers.joinToString()
}

private fun counted(
    number: Int,
    what: String,
): String = "$number $what${if (number == 1) "" else "s"}"

private val LAYER = Regex("""blocks\.(\d+)\.""")
