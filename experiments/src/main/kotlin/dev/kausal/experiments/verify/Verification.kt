package dev.kausal.experiments.verify

import dev.kausal.spec.Numbers
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.doubleOrNull
import kotlin.math.abs
import kotlin.math.max

/**
 * The outcome of rerunning a bundle.
 *
 * @property differences descriptions, changed files first; empty if the bundle holds
 * @property numbers number of compared numbers
 * @property largest largest difference of two numbers, relative to the larger of 1 and the number
 * @property byRounding the number closest to its rounding limit; null if none has a floor
 * @property unfloored number of values without a noise floor
 * @property tolerance what these may differ by, relative to the larger of 1 and the number
 */
internal data class Verification(
    val differences: List<String>,
    val numbers: Long,
    val largest: Double,
    val byRounding: Moved? = null,
    val unfloored: Long = numbers,
    val tolerance: Double = TOLERANCE,
) {
    /** A number that changed by [difference], of [allowed] by rounding. */
    internal data class Moved(
        val difference: Double,
        val allowed: Double,
    )

    /** Whether the bundle holds. */
    val holds: Boolean get() = differences.isEmpty()

    internal companion object {
        /** Tolerance relative to the larger of 1 and the number: another processor sums in another order. */
        const val TOLERANCE: Double = 1e-3

        /** The same in bfloat16: a sum near the middle of two numbers, 1/128 apart, is rounded to either. */
        const val TOLERANCE_BFLOAT16: Double = 0.05

        /** Tolerance of p, AUROC and accuracy, which count draws, pairs and examples, a few of which rounding may move. */
        const val TOLERANCE_OF_COUNTS: Double = 0.02
    }
}

/**
 * Compares two trees of JSON: numbers within what rounding allows, everything else exactly.
 *
 * @property rules rules of the results with a measured rounding error, by name; others use the general tolerance
 * @property tolerance the general tolerance, relative to the larger of 1 and the number
 * @property counting names of results whose numbers are shares of counts, such as AUROC
 */
internal class TreeComparison(
    private val rules: Map<String, RoundingRule> = emptyMap(),
    private val tolerance: Double = Verification.TOLERANCE,
    private val counting: Set<String> = emptySet(),
) {
    private val found = mutableListOf<String>()
    private var numbers = 0L
    private var largest = 0.0
    private var nearest: Verification.Moved? = null
    private var unfloored = 0L

    /** Returns the findings so far, after [before]. */
    fun verification(
        before: List<String>,
    ): Verification = Verification(before + found, numbers, largest, nearest, unfloored, tolerance)

    /** Compares [stored] with the recomputed [again] at [path]. */
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

    /** Returns the name of an element; results are identified by name. */
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
            val differs = if (NOTE.containsMatchIn(path)) !sayTheSame(stored, again) else stored != again
            if (differs) found += "$path is ${shown(stored)}, recomputed as ${shown(again)}"
        } else {
            numeric(path, a, b)
        }
    }

    /** Returns whether two sentences differ at most in numbers that may differ. */
    private fun sayTheSame(
        stored: JsonElement?,
        again: JsonElement?,
    ): Boolean {
        val texts = listOf(stored, again).map { (it as? JsonPrimitive)?.contentOrNull ?: return stored == again }
        val (a, b) = texts.map { text -> NUMERAL.findAll(text).map { it.value.toDouble() }.toList() }
        return texts.map { NUMERAL.replace(it, "#") }.distinct().size == 1 &&
            a.zip(b).all { (p, q) -> abs(p - q) / max(1.0, abs(p)) <= tolerance }
    }

    /** Compares lists of numbers of one result at [path], as [compare] would their trees. */
    fun lists(
        path: String,
        stored: Map<String, List<Double?>>,
        again: Map<String, List<Double?>>,
    ) {
        stored.forEach { (name, a) -> again[name]?.let { b -> list("$path.$name", a, b) } }
    }

    private fun list(
        path: String,
        stored: List<Double?>,
        again: List<Double?>,
    ) {
        if (stored.size == again.size) {
            stored.indices.forEach { number("$path[$it]", stored[it], again[it]) }
        } else {
            found += "$path is ${shown(stored.size)}, recomputed as ${shown(again.size)}"
        }
    }

    private fun number(
        path: String,
        stored: Double?,
        again: Double?,
    ) {
        if (stored != null && again != null) {
            numeric(path, stored, again)
        } else if (stored != again) {
            found += "$path is $stored, recomputed as $again"
        }
    }

    /** Compares the numbers of two arrays, which have no noise floor; reports one of those that differ. */
    fun numbers(
        path: String,
        stored: List<Double?>,
        again: List<Double?>,
    ) {
        if (stored.size != again.size) {
            found += "$path has ${stored.size} numbers, but comes to ${again.size}"
            return
        }
        val (a, b) = Numbers.of(stored) to Numbers.of(again)
        var differing = 0
        var first = ""
        for (i in a.indices) {
            val (p, q) = a.at(i) to b.at(i)
            if (p.isNaN() && q.isNaN()) continue
            val difference = abs(p - q) / max(1.0, abs(p))
            numbers++
            unfloored++
            if (difference <= tolerance) {
                largest = max(largest, difference)
            } else if (differing++ == 0) {
                first = "$path[$i] is ${shown(p)}, but comes to ${shown(q)}"
            }
        }
        if (differing > 0) found += if (differing == 1) first else "$first, and ${differing - 1} more differ"
    }

    private fun shown(length: Int): String = "a list of $length"

    private fun shown(number: Double): String = if (number.isNaN()) "not there" else "$number"

    private fun numeric(
        path: String,
        a: Double,
        b: Double,
    ) {
        numbers++
        val difference = abs(a - b) / max(1.0, abs(a))
        largest = max(largest, difference)
        val allowed = byRounding(path, a)
        if (allowed == null) {
            unfloored++
            val most = if (counts(path)) max(Verification.TOLERANCE_OF_COUNTS, tolerance) else tolerance
            if (difference > most) found += "$path is $a, recomputed as $b"
        } else {
            val moved = Verification.Moved(abs(a - b), allowed)
            if (!P.containsMatchIn(path) && moved.share >= (nearest?.share ?: 0.0)) nearest = moved
            if (moved.share > 1) found += "$path is $a, recomputed as $b; rounding allows $allowed"
        }
    }

    private fun counts(path: String): Boolean =
        P.containsMatchIn(path) || NUMBER.matchEntire(path)?.groupValues?.get(1) in counting

    private val Verification.Moved.share: Double get() = if (difference == 0.0) 0.0 else difference / allowed

    private fun byRounding(
        path: String,
        value: Double,
    ): Double? {
        val (name, field, within) = NUMBER.matchEntire(path)?.destructured ?: return null
        return rules[name]?.allowed(field, within, value)
    }

    private fun number(element: JsonElement?): Double? =
        (element as? JsonPrimitive)?.takeIf { !it.isString && it !is JsonNull }?.doubleOrNull

    private fun shown(element: JsonElement?): String =
        when (element) {
            null -> "missing"
            is JsonArray -> shown(element.size)
            else -> element.toString().take(SHOWN)
        }

    private companion object {
        const val SHOWN = 60
        val NUMBER = Regex("""results\.results\[([^]]+)]\.(\w+)(.*)""")
        val NOTE = Regex("""\.notes\[\d+]$""")
        val NUMERAL = Regex("""-?\d+(\.\d+)?(e[-+]?\d+)?""")
        val P = Regex("""\.p(Value|Corrected)\[\d+]$""")
    }
}
