package dev.kausal.experiments.verify

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.doubleOrNull
import kotlin.math.abs
import kotlin.math.max

/**
 * What running a bundle again came to.
 *
 * @property differences in words, the bundle's own changes first; empty where it holds
 * @property numbers how many were compared
 * @property largest largest difference of two numbers, in units of the larger of 1 and the number
 */
internal data class Verification(
    val differences: List<String>,
    val numbers: Int,
    val largest: Double,
) {
    /** Whether the bundle holds. */
    val holds: Boolean get() = differences.isEmpty()

    internal companion object {
        /** Numbers may differ by so much of the larger of 1 and themselves: another processor adds in another order. */
        const val TOLERANCE: Double = 1e-3

        /** A p counts assignments of signs, of which rounding may move a few. */
        const val TOLERANCE_OF_P: Double = 0.02
    }
}

/** Compares two trees of JSON: numbers within the tolerance, everything else exactly. */
internal class TreeComparison {
    private val found = mutableListOf<String>()
    private var numbers = 0
    private var largest = 0.0

    /** What was found so far, after [before]. */
    fun verification(before: List<String>): Verification = Verification(before + found, numbers, largest)

    /** Compares [stored] with what was computed [again] at [path]. */
    fun compare(
        path: String,
        stored: JsonElement?,
        again: JsonElement?,
    ) {
        when {
            stored is JsonObject && again is JsonObject -> {
                (stored.keys + again.keys).forEach { compare("$path.$it", stored[it], again[it]) }
            }

            stored is JsonArray && again is JsonArray && stored.size == again.size -> {
                stored.indices.forEach { compare("$path[${label(stored[it]) ?: it}]", stored[it], again[it]) }
            }

            else -> {
                values(path, stored, again)
            }
        }
    }

    /** Results are known by their names. */
    private fun label(element: JsonElement): String? =
        ((element as? JsonObject)?.get("name") as? JsonPrimitive)?.takeIf { it.isString }?.content

    private fun values(
        path: String,
        stored: JsonElement?,
        again: JsonElement?,
    ) {
        val a = number(stored)
        val b = number(again)
        if (a == null || b == null) {
            if (stored != again) found += "$path is ${shown(stored)}, but comes to ${shown(again)}"
            return
        }
        numbers++
        val difference = abs(a - b) / max(1.0, abs(a))
        largest = max(largest, difference)
        val allowed = if (P.containsMatchIn(path)) P_TOLERANCE else TOLERANCE
        if (difference > allowed) found += "$path is $a, but comes to $b"
    }

    private fun number(element: JsonElement?): Double? =
        (element as? JsonPrimitive)?.takeIf { !it.isString && it !is JsonNull }?.doubleOrNull

    private fun shown(element: JsonElement?): String =
        when (element) {
            null -> "not there"
            is JsonArray -> "a list of ${element.size}"
            else -> element.toString().take(SHOWN)
        }

    private companion object {
        const val SHOWN = 60
        const val TOLERANCE = Verification.TOLERANCE
        const val P_TOLERANCE = Verification.TOLERANCE_OF_P
        val P = Regex("""\.p(Value|Corrected)\[\d+]$""")
    }
}
