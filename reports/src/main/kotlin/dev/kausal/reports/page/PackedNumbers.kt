package dev.kausal.reports.page

import dev.kausal.reports.figure.Drawing
import dev.kausal.spec.Result
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.double
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.Base64

/** Lists with fewer numbers stay text. */
private const val FEW = 256

/** Results with more cells carry the numbers of the cells that figures draw. */
private const val MOST_WHOLE = 20_000

/** What a page's script reads as packed: all numbers of a list, or those at the places that the result lists. */
private const val ALL = "f32:"
private const val SOME = "p32:"

/** Name of the list of places, and of the number of cells. */
private const val PLACES = "places"
private const val CELLS = "cells"

private val CELL = Regex("""data-c="(\d+)"""")

/**
 * Returns [result] as JSON with its long lists of numbers as little-endian binary32 in Base64, in which NaN stands for null; of a
 * large one, with the numbers of the cells in [shown] alone.
 */
internal fun packed(
    result: Result,
    shown: Shown,
): JsonObject {
    // As elements of JSON, the numbers of cells would take a hundred bytes each: they are packed as they are.
    val tree = packed(Json.encodeToJsonElement(Result.serializer(), held(result)), shown) as JsonObject
    val lists = JsonObject(tree.mapValues { (name, value) -> filled(name, value, result, shown) })
    val cells = shown.cells ?: return lists
    val places = mapOf(
        CELLS to JsonPrimitive(shown.size),
        PLACES to JsonPrimitive(base64(cells.size) { putInt(cells[it]) }),
    )
    return JsonObject(lists + places)
}

/** Stands for a long list. */
private val HELD = listOf<Double?>(null)

private fun held(list: List<Double?>): List<Double?> = if (list.size < FEW) list else HELD

/** Returns [result] without the long lists of numbers of its cells. */
private fun held(result: Result): Result =
    result.copy(
        perExample = result.perExample.map(::held),
        mean = held(result.mean),
        ciLow = held(result.ciLow),
        ciHigh = held(result.ciHigh),
        pValue = held(result.pValue),
        pCorrected = held(result.pCorrected),
        change = result.change?.let { it.copy(mean = held(it.mean), ciLow = held(it.ciLow), ciHigh = held(it.ciHigh)) },
    )

/** Returns the [value] of a field called [name] with the lists of [result] that were held back. */
private fun filled(
    name: String,
    value: JsonElement,
    result: Result,
    shown: Shown,
): JsonElement {
    fun list(value: JsonElement, list: List<Double?>) = if (list.size < FEW) value else packed(list, shown)
    val change = result.change
    return when {
        name == "perExample" -> {
            JsonArray((value as JsonArray).zip(result.perExample, ::list))
        }

        name == "change" && change != null -> {
            val lists = mapOf("mean" to change.mean, "ciLow" to change.ciLow, "ciHigh" to change.ciHigh)
            JsonObject((value as JsonObject).mapValues { (of, own) -> lists[of]?.let { list(own, it) } ?: own })
        }

        else -> {
            val lists = mapOf(
                "mean" to result.mean,
                "ciLow" to result.ciLow,
                "ciHigh" to result.ciHigh,
                "pValue" to result.pValue,
                "pCorrected" to result.pCorrected,
            )
            lists[name]?.let { list(value, it) } ?: value
        }
    }
}

private fun packed(
    element: JsonElement,
    shown: Shown,
): JsonElement =
    when (element) {
        is JsonObject -> {
            JsonObject(element.mapValues { (_, value) -> packed(value, shown) })
        }

        is JsonArray -> {
            if (isOfNumbers(element)) {
                packed(element.map { if (it is JsonNull) null else (it as JsonPrimitive).double }, shown)
            } else {
                JsonArray(element.map { packed(it, shown) })
            }
        }

        else -> {
            element
        }
    }

private fun isOfNumbers(list: JsonArray) =
    list.size >= FEW && list.all { it is JsonNull || (it is JsonPrimitive && !it.isString) }

private fun packed(
    list: List<Double?>,
    shown: Shown,
): JsonPrimitive {
    fun number(cell: Int) = list[cell]?.toFloat() ?: Float.NaN
    val cells = shown.cells?.takeIf { list.size == shown.size }
        ?: return JsonPrimitive(ALL + base64(list.size) { putFloat(number(it)) })
    return JsonPrimitive(SOME + base64(cells.size) { putFloat(number(cells[it])) })
}

private fun base64(
    size: Int,
    put: ByteBuffer.(Int) -> Unit,
): String {
    val bytes = ByteBuffer.allocate(4 * size).order(ByteOrder.LITTLE_ENDIAN)
    repeat(size) { bytes.put(it) }
    return Base64.getEncoder().encodeToString(bytes.array())
}

/**
 * The cells of a result that figures draw.
 *
 * @property cells their numbers, in order; null if the page carries all
 * @property size number of all cells
 */
internal class Shown private constructor(
    val cells: List<Int>?,
    val size: Int,
) {
    /** Number of cells that the page carries. */
    val count: Int = (cells?.size ?: size).coerceAtLeast(1)

    companion object {
        /** Returns all cells of a result of [size] cells. */
        fun all(size: Int): Shown = Shown(null, size)

        /** Returns the cells of a result of [size] cells that [drawings] draw; all if it is small. */
        fun inDrawings(
            size: Int,
            drawings: List<Drawing>,
        ): Shown {
            if (size <= MOST_WHOLE) return all(size)
            val drawn = drawings.flatMap { one -> CELL.findAll("${one.content}").map { it.groupValues[1].toInt() } }
            return Shown(drawn.distinct().sorted(), size)
        }
    }
}
