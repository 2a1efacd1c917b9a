package dev.kausal.run.context

import dev.kausal.run.backend.OutcomeBytes
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.doubleOrNull

/**
 * The numbers in a part of a [Journal], to compare two attempts at it.
 *
 * @property frame everything else in the part; parts of one computation have the same
 */
public class PartNumbers private constructor(
    public val frame: String,
    public val numbers: List<Double>,
) {
    public companion object {
        /** Returns whether the part [name] is of a reading of few examples. */
        public fun isOfFewExamples(name: String): Boolean = name.startsWith(ReadingParts.PREFIX)

        /** Returns the numbers of the part [name]: of rows of a reading, results as JSON, or outcomes of cells. */
        public fun of(
            name: String,
            bytes: ByteArray,
        ): PartNumbers = if (isOfFewExamples(name)) ofRows(bytes) else ofJson(bytes) ?: ofOutcomes(bytes)

        private fun ofJson(bytes: ByteArray): PartNumbers? {
            val first = bytes.firstOrNull()?.toInt()?.toChar()
            if (first != '{' && first != '[') return null
            return try {
                val numbers = mutableListOf<Double>()
                PartNumbers("${without(Json.parseToJsonElement(bytes.decodeToString()), numbers)}", numbers)
            } catch (_: IllegalArgumentException) {
                null
            }
        }

        /** Moves the numbers of [element] to [numbers], in their order. */
        private fun without(
            element: JsonElement,
            numbers: MutableList<Double>,
        ): JsonElement =
            when (element) {
                is JsonObject -> {
                    JsonObject(element.mapValues { without(it.value, numbers) })
                }

                is JsonArray -> {
                    JsonArray(element.map { without(it, numbers) })
                }

                is JsonPrimitive -> {
                    val number = if (element.isString) null else element.doubleOrNull
                    if (number == null) element else JsonPrimitive("").also { numbers += number }
                }
            }

        private fun ofRows(bytes: ByteArray): PartNumbers {
            val rows = NumberRows.read(bytes).orEmpty()
            return PartNumbers("${rows.map { it.size }}", rows.flatMap { row -> List(row.size) { row.at(it) } })
        }

        private fun ofOutcomes(bytes: ByteArray): PartNumbers {
            val outcomes = OutcomeBytes.read(bytes, bytes.size / OutcomeBytes.SIZE).orEmpty()
            val fired = outcomes.map { it.fired() }
            return PartNumbers("$fired", outcomes.flatMap { listOf(it.value(), it.largestChange(), it.size()) })
        }
    }
}
