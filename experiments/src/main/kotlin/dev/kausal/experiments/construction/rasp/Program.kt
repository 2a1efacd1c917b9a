package dev.kausal.experiments.construction.rasp

/**
 * A program whose output is a word per row: the model that is compiled from it gives that word the highest logit.
 *
 * @property name name of the program
 * @property description what it computes, in one line
 * @property words words of its texts
 * @property longest largest number of words of a text
 */
internal class Program(
    val name: String,
    val description: String,
    val words: List<String>,
    val longest: Int,
    write: Writer.() -> Categorical,
) {
    private val writer = Writer(Tokens(words), Indices(longest), longest)

    /** What it answers with. */
    val output: Categorical = writer.write()

    /** All variables that the output depends on, each after those that it is computed from. */
    val variables: List<Variable> = buildList { collect(output, this) }

    /** The tokens of its model's tokenizer: one for each word of its texts and answers, after one for unknown words. */
    val vocabulary: List<String> =
        listOf(UNKNOWN) + (listOf(Tokens.START) + words + output.domain.map { "$it" }).distinct().map(::token)

    init {
        require(output.domain.all { it is String }) { "$name answers with ${output.domain}, not with words" }
    }

    private fun collect(
        variable: Variable,
        into: MutableList<Variable>,
    ) {
        if (variable in into) return
        variable.inputs.forEach { collect(it, into) }
        into += variable
    }

    /** The input number [input] of a variable. */
    data class Slot(
        val variable: Variable,
        val input: Int,
    )

    /** Returns the rows of all variables for a text, without its start mark. */
    fun run(text: List<String>): Map<Variable, List<Any>> = run(text, emptyMap())

    /**
     * Returns the rows of all variables if some inputs see other rows than those that their variable has: an
     * interchange intervention (Geiger et al. 2021).
     */
    fun run(
        text: List<String>,
        seen: Map<Slot, List<Any>>,
    ): Map<Variable, List<Any>> {
        require(text.size <= longest) { "$name takes up to $longest words, not ${text.size}" }
        val words = listOf(Tokens.START) + text
        val rows = LinkedHashMap<Variable, List<Any>>()
        for (variable in variables) {
            val inputs = variable.inputs.mapIndexed { i, input -> seen[Slot(variable, i)] ?: rows.getValue(input) }
            rows[variable] = variable.rows(words, inputs)
        }
        return rows
    }

    /** Returns the number of a word's token. */
    fun id(word: String): Int = vocabulary.indexOf(token(word)).also { require(it >= 0) { word } }

    private fun token(word: String) = if (word == Tokens.START) word else " $word"

    /** Returns the answer to a text, at its end. */
    fun answer(text: List<String>): String = run(text).getValue(output).last() as String

    /** The words of the language. */
    class Writer(
        /** The word in each row. */
        val tokens: Categorical,
        /** The number of each row. */
        val indices: Categorical,
        private val longest: Int,
    ) {
        /** Selects the earlier or same rows whose value in [keys] goes with the row's in [queries]. */
        fun select(
            queries: Categorical,
            keys: Categorical,
            matches: (query: Any, key: Any) -> Boolean,
        ): Selector = Selector(queries, keys, matches)

        /** Selects the same keys in every row. */
        fun select(
            keys: Categorical,
            matches: (key: Any) -> Boolean,
        ): Selector = Selector(Always, keys) { _, key -> matches(key) }

        /** Returns what the selected rows have in [values]; [default] if none is selected. */
        fun aggregate(
            selector: Selector,
            values: Categorical,
            default: Any,
        ): Categorical = Aggregated(selector, values, default)

        /** Returns the share of the selected rows whose value [counts]. */
        fun share(
            selector: Selector,
            values: Categorical,
            counts: (Any) -> Boolean,
        ): Numeric = Share(selector, values, longest, counts)

        /** Returns the number of selected rows. */
        fun selectorWidth(selector: Selector): Categorical =
            Thresholds(mapOf(Width(selector, longest) to 1.0)) { Math.round(1 / it - 1).toInt() }

        /** Returns a function of each row's value. */
        fun map(
            of: Categorical,
            function: (Any) -> Any,
        ): Categorical = Mapped(listOf(of)) { (one) -> function(one) }

        /** Returns a function of each row's two values. */
        fun sequenceMap(
            first: Categorical,
            second: Categorical,
            function: (Any, Any) -> Any,
        ): Categorical = Mapped(listOf(first, second)) { (one, other) -> function(one, other) }

        /** Returns a function of a weighted sum of numbers. */
        fun thresholds(
            of: Map<Numeric, Double>,
            function: (Double) -> Any,
        ): Categorical = Thresholds(of, function)
    }

    private companion object {
        const val UNKNOWN = "?"
    }
}
