package dev.kausal.reports.page

import dev.kausal.reports.figure.Drawing
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
 * Returns a [result] with its long lists of numbers as little-endian binary32 in Base64, in which NaN stands for null; of a
 * large one, with the numbers of the cells in [shown] alone.
 */
internal fun packed(
    result: JsonObject,
    shown: Shown,
): JsonObject {
    val lists = packed(result as JsonElement, shown) as JsonObject
    val cells = shown.cells ?: return lists
    val places = mapOf(
        CELLS to JsonPrimitive(shown.size),
        PLACES to JsonPrimitive(base64(cells.size) { putInt(cells[it]) }),
    )
    return JsonObject(lists + places)
}

private fun packed(
    element: JsonElement,
    shown: Shown,
): JsonElement =
    when (element) {
        is JsonObject -> JsonObject(element.mapValues { (_, value) -> packed(value, shown) })

        is JsonArray -> if (isOfNumbers(element)) {
            packed(element, shown)
        } else {
            JsonArray(
                element.map {
                    packed(it, shown)
                },
            )
        }

        else -> element
    }

private fun isOfNumbers(list: JsonArray) =
    list.size >= FEW && list.all { it is JsonNull || (it is JsonPrimitive && !it.isString) }

private fun packed(
    list: JsonArray,
    shown: Shown,
): JsonPrimitive {
    val numbers = list.map { if (it is JsonNull) Float.NaN else (it as JsonPrimitive).double.toFloat() }
    val cells = shown.cells?.takeIf { list.size == shown.size }
        ?: return JsonPrimitive(ALL + base64(numbers.size) { putFloat(numbers[it]) })
    return JsonPrimitive(SOME + base64(cells.size) { putFloat(numbers[cells[it]]) })
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
