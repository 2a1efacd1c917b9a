package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.Serializable

/**
 * The heads, or layers, at the top of another result, known once that has run.
 *
 * @property ranking name of a result whose axes are layer and head, or layer alone
 * @property order which end of the ranking is its top
 * @property count number of cells taken from the top
 * @property layers whether the cells' distinct layers are chosen rather than their heads
 * @property rank if not null, only the cell of this rank, from 0, as in a sweep over the cells one at a time
 * @property features whether the cells are features of a dictionary
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class ChoiceSpec(
    val ranking: String,
    val order: Order,
    val count: Int,
    val layers: Boolean = false,
    val rank: Int? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val features: Boolean = false,
) {
    public companion object {
        /** Name of the axis of a sweep that goes over ranks. */
        public const val RANK: String = "rank"
    }
}

/**
 * Outcome of a choice in a run.
 *
 * @property units labels of the heads (`3.1`) or layers (`3`), from the top; fewer than requested if fewer have an
 *   effect above rounding
 */
@Serializable
public data class Chosen(
    val choice: ChoiceSpec,
    val units: List<String>,
)

/** Returns the chosen places if [ranked] are the heads, or layers, from the top. */
public fun ChoiceSpec.places(ranked: List<ChosenPlace>): List<ChosenPlace> {
    val top = ranked.take(count).let { all -> if (rank == null) all else listOfNotNull(all.getOrNull(rank)) }
    return if (layers) top.map { it.copy(head = null) }.distinct() else top
}

/** A head, or a whole layer if [head] is null; for a choice of features, [layer] is the feature's number. */
public data class ChosenPlace(
    val layer: Int,
    val head: Int?,
) {
    override fun toString(): String = if (head == null) "$layer" else "$layer.$head"
}

/** Choices in the cell's edits, and in those of runs that it reads. */
internal val CellSpec.choices: List<ChoiceSpec> get() = edits.flatMap { it.choices }

private val EditSpec.choices: List<ChoiceSpec>
    get() = listOfNotNull(choice) + (value as? ValueSpec.From)?.run?.changes.orEmpty().flatMap { it.choices }

/** Returns the cell with each edit of a choice at all places that [places] returns for it. */
public fun CellSpec.resolved(places: (ChoiceSpec) -> List<ChosenPlace>): CellSpec =
    copy(edits = edits.flatMap { it.resolved(places) })

private fun EditSpec.resolved(places: (ChoiceSpec) -> List<ChosenPlace>): List<EditSpec> {
    val from = value as? ValueSpec.From
    val read =
        (from?.run as? RunSpec.Edited)?.let { run ->
            copy(value = from.copy(run = run.copy(edits = run.edits.flatMap { it.resolved(places) })))
        } ?: this
    val choice = choice ?: return listOf(read)
    if (value is ValueSpec.Feature) {
        val features = places(choice).map { it.layer }
        return if (features.isEmpty()) {
            emptyList()
        } else {
            listOf(
                copy(value = value.copy(features = features), choice = null),
            )
        }
    }
    return places(choice).map { place ->
        val part = place.head?.let { PartSpec.Head(it) } ?: part
        read.copy(site = site.replace(EditSpec.ANY_LAYER, "blocks.${place.layer}."), part = part, choice = null)
    }
}
