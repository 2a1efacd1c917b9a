package dev.kausal.experiments.construction.rasp

import kotlin.math.abs

/**
 * A sequence of values, one per row, that a program computes (an s-op of Weiss et al. 2021, "Thinking Like
 * Transformers").
 *
 * Row 0 is the start mark; the words of the text follow. Rows see only themselves and earlier ones.
 *
 * @property inputs the variables that it is computed from, in a fixed order
 */
internal sealed class Variable(
    val inputs: List<Variable>,
) {
    /** Whether two texts of one length can have different rows. */
    val dependsOnWords: Boolean get() = this is Tokens || inputs.any { it.dependsOnWords }

    /** Computes its rows from those of its inputs, or from the [words], of which the first is [Tokens.START]. */
    abstract fun rows(
        words: List<String>,
        inputs: List<List<Any>>,
    ): List<Any>
}

/**
 * A variable with finitely many values.
 *
 * @property domain all values that it can have
 */
internal sealed class Categorical(
    inputs: List<Variable>,
    val domain: List<Any>,
) : Variable(inputs)

/**
 * A number per row, which a program turns into a [Categorical] by [Thresholds].
 *
 * @property domain all values that it can have, in ascending order
 */
internal sealed class Numeric(
    inputs: List<Variable>,
    val domain: List<Double>,
) : Variable(inputs)

/** The words of the text, after [START]. */
internal class Tokens(
    words: List<String>,
) : Categorical(emptyList(), listOf(START) + words) {
    override fun rows(
        words: List<String>,
        inputs: List<List<Any>>,
    ): List<Any> = words

    companion object {
        /** The word in row 0. */
        const val START: String = "."
    }
}

/** The numbers of the rows. */
internal class Indices(
    longest: Int,
) : Categorical(emptyList(), (0..longest).toList()) {
    override fun rows(
        words: List<String>,
        inputs: List<List<Any>>,
    ): List<Any> = words.indices.toList()
}

/** The same value in every row. */
internal object Always : Categorical(emptyList(), listOf(true)) {
    override fun rows(
        words: List<String>,
        inputs: List<List<Any>>,
    ): List<Any> = words.map { true }
}

/** A function of one or two variables, row by row (Map, SequenceMap). */
internal class Mapped(
    of: List<Categorical>,
    private val function: (List<Any>) -> Any,
) : Categorical(of, tuples(of).map(function).distinct()) {
    /** The values of its inputs, in all combinations, each with the value of this variable. */
    val table: List<Pair<List<Any>, Any>> get() = tuples(inputs.map { it as Categorical }).map { it to function(it) }

    override fun rows(
        words: List<String>,
        inputs: List<List<Any>>,
    ): List<Any> =
        inputs.first().indices.map { row -> function(inputs.map { it[row] }) }

    private companion object {
        fun tuples(of: List<Categorical>): List<List<Any>> =
            of.fold(listOf(emptyList())) { tuples, one -> tuples.flatMap { tuple -> one.domain.map { tuple + it } } }
    }
}

/**
 * Which rows each row attends to: those up to itself, other than row 0, whose key [matches] its query (Select).
 */
internal class Selector(
    val queries: Categorical,
    val keys: Categorical,
    val matches: (query: Any, key: Any) -> Boolean,
) {
    /** Returns the selected rows of each row. */
    fun selected(
        queries: List<Any>,
        keys: List<Any>,
    ): List<List<Int>> = queries.mapIndexed { row, query -> (1..row).filter { matches(query, keys[it]) } }
}

/** What one head writes: a variable whose inputs are the queries and keys of [selector] and, third, what it moves. */
internal sealed interface Attended {
    val selector: Selector
}

/** Two selected rows have different values, so that their aggregate is none. */
internal class AmbiguousAggregate(
    values: List<Any>,
) : IllegalStateException("rows with the values ${values.joinToString()} are selected together")

/** The value that all selected rows have; [default] if none is selected (Aggregate of categories). */
internal class Aggregated(
    override val selector: Selector,
    values: Categorical,
    val default: Any,
) : Categorical(listOf(selector.queries, selector.keys, values), (values.domain + default).distinct()),
    Attended {
    override fun rows(
        words: List<String>,
        inputs: List<List<Any>>,
    ): List<Any> {
        val (queries, keys, values) = inputs
        return selector.selected(queries, keys).map { rows ->
            val found = rows.map { values[it] }.distinct()
            if (found.size > 1) throw AmbiguousAggregate(found)
            found.firstOrNull() ?: default
        }
    }
}

/** The share of selected rows whose value [counts]; 0 if none is selected (Aggregate of numbers). */
internal class Share(
    override val selector: Selector,
    values: Categorical,
    longest: Int,
    val counts: (Any) -> Boolean,
) : Numeric(listOf(selector.queries, selector.keys, values), shares(longest)),
    Attended {
    override fun rows(
        words: List<String>,
        inputs: List<List<Any>>,
    ): List<Any> {
        val (queries, keys, values) = inputs
        return selector.selected(queries, keys).map { rows ->
            if (rows.isEmpty()) 0.0 else rows.count { counts(values[it]) }.toDouble() / rows.size
        }
    }

    private companion object {
        fun shares(longest: Int): List<Double> =
            (1..longest).flatMap { of -> (0..of).map { it.toDouble() / of } }.distinct().sorted()
    }
}

/** 1 / (1 + the number of selected rows): the share of attention that is left for row 0, if it counts as selected. */
internal class Width(
    override val selector: Selector,
    longest: Int,
) : Numeric(listOf(selector.queries, selector.keys), (0..longest).map { 1.0 / (1 + it) }.sorted()),
    Attended {
    override fun rows(
        words: List<String>,
        inputs: List<List<Any>>,
    ): List<Any> {
        val (queries, keys) = inputs
        return selector.selected(queries, keys).map { 1.0 / (1 + it.size) }
    }
}

/** A function of a weighted sum of numbers, constant between finitely many thresholds. */
internal class Thresholds private constructor(
    of: List<Numeric>,
    private val weights: List<Double>,
    private val function: (Double) -> Any,
    private val sums: List<Double>,
) : Categorical(of, sums.map(function).distinct()) {
    constructor(of: Map<Numeric, Double>, function: (Double) -> Any) :
        this(of.keys.toList(), of.values.toList(), function, sums(of))

    /** What a sum of 0 and up to the first threshold gives. */
    val lowest: Any get() = function(sums.first())

    /** The pairs of neighbouring sums with different values, ascending, with both values. */
    val steps: List<Step> get() =
        sums.zipWithNext().map { (low, high) -> Step(low, high, function(low), function(high)) }
            .filter { it.before != it.after }

    /** The weight of each input. */
    fun weight(input: Int): Double = weights[input]

    /** Between the sums [low] and [high], the value changes from [before] to [after]. */
    class Step(
        val low: Double,
        val high: Double,
        val before: Any,
        val after: Any,
    )

    override fun rows(
        words: List<String>,
        inputs: List<List<Any>>,
    ): List<Any> =
        inputs.first().indices.map { row ->
            val sum = inputs.indices.sumOf { weights[it] * (inputs[it][row] as Double) }
            function(sums.minBy { abs(it - sum) })
        }

    private companion object {
        /** Sums that differ by no more are the same. */
        const val SAME = 1e-9

        fun sums(of: Map<Numeric, Double>): List<Double> {
            val all = of.entries.fold(listOf(0.0)) { sums, (one, weight) ->
                sums.flatMap { sum -> one.domain.map { sum + weight * it } }
            }
            return all.sorted().fold(emptyList()) { kept, sum ->
                if (kept.isEmpty() || sum - kept.last() > SAME) kept + sum else kept
            }
        }
    }
}
