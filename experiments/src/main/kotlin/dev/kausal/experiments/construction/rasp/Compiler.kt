package dev.kausal.experiments.construction.rasp

import dev.kausal.engine.graph.Component
import dev.kausal.experiments.construction.Circuit
import dev.kausal.experiments.construction.CircuitSizes
import dev.kausal.experiments.construction.Space
import kotlin.math.sqrt

/**
 * Compiles a program into the weights of a GPT-2, after Tracr (Lindner et al. 2023): each variable has dimensions of
 * its own in the residual stream, one per value, or two for a number.
 *
 * A head's scores are [SHARP] for a selected row, half of that for row 0 and 0 for others, so that it attends to row 0
 * if none is selected, and evenly to several selected ones. Every layer has heads that compute nothing: they write a
 * mean of words, which shifts the logits by [LEAK] of an answer's and decides nothing.
 */
internal class Compiler(
    private val program: Program,
) {
    private val schedule = Schedule(program)
    private val circuit = Circuit(schedule.layers, program.vocabulary, neurons(), sizes())
    private val start = circuit.token[1]
    private val tokens = program.variables.first { it is Tokens } as Tokens
    private val atStart = program.run(emptyList()).mapValues { (_, rows) -> rows.first() }
    private val spaces = program.variables.associateWith(::spaceOf)
    private val taken = HashMap<Int, Int>()

    /** Returns the model's weights. */
    fun compile(): Circuit {
        program.variables.forEach { variable ->
            when (val place = schedule.writers.getValue(variable)) {
                is Component.Head -> attend(variable, circuit.head(place.layer(), place.head()))
                is Component.Mlp -> Neurons(circuit, place.layer(), taken, ::reading).write(variable, spaces::getValue)
                else -> Unit
            }
        }
        val unread = circuit.space(UNREAD)
        val used = schedule.writers.values.filterIsInstance<Component.Head>().map { it.layer() to it.head() }
        for (layer in 0 until schedule.layers) {
            for (head in 0 until schedule.heads) {
                if (layer to head in used) continue
                circuit.head(layer, head).copy((0 until UNREAD).map { reading(tokens, program.words[it]) }, unread)
            }
        }
        program.output.domain.forEachIndexed { number, word ->
            circuit.unembed(program.id("$word"), reading(program.output, word))
            circuit.unembed(program.id("$word"), unread[number % UNREAD], LEAK)
        }
        return circuit
    }

    /** Returns the value of [variable] in a row of the residual stream after the last layer. */
    fun read(
        variable: Variable,
        row: FloatArray,
    ): Any =
        when (variable) {
            is Categorical -> variable.domain.maxBy { row[reading(variable, it)] }
            is Numeric -> row[spaces.getValue(variable)[0]].toDouble()
        }

    private fun spaceOf(variable: Variable): Space =
        when (variable) {
            is Tokens -> circuit.token
            is Indices -> circuit.position
            is Categorical -> circuit.space(variable.domain.size)
            is Numeric -> circuit.space(2)
        }

    /** Returns the dimension that is 1 in rows where [variable] is [value], minus the mean over values. */
    private fun reading(
        variable: Categorical,
        value: Any,
    ): Int {
        val space = spaces.getValue(variable)
        return space[if (variable is Tokens) program.id(value as String) else variable.domain.indexOf(value)]
    }

    private fun attend(
        variable: Variable,
        head: Circuit.Head,
    ) {
        val selector = (variable as Attended).selector
        val groups = groups(selector)
        groups.forEachIndexed { number, (queries, keys) ->
            val asked = queries.associate { reading(selector.queries, it) to 1f }
            head.query(number, asked, always = queries.size / size(selector.queries))
            head.key(number, keys.associate { reading(selector.keys, it) to 1f })
            if (atStart.getValue(selector.keys) in keys) head.key(number, mapOf(start to -1f))
        }
        head.query(groups.size, emptyMap(), always = if (variable is Width) 1f else 0.5f)
        head.key(groups.size, mapOf(start to 1f))
        move(variable, head)
    }

    private fun size(variable: Variable): Float = spaces.getValue(variable).size.toFloat()

    /** Writes what the values of a head read and put out. */
    private fun move(
        variable: Variable,
        head: Circuit.Head,
    ) {
        val to = spaces.getValue(variable)
        val inStart = 1f / circuit.token.size
        when (variable) {
            is Aggregated -> {
                val from = variable.inputs[2] as Categorical
                from.domain.forEachIndexed { number, value ->
                    val writes = to.direction(variable.domain.indexOf(value))
                    head.value(number, mapOf(reading(from, value) to 1f), 1f / size(from), writes)
                }
                val default = to.direction(variable.domain.indexOf(variable.default))
                val found = to.direction(variable.domain.indexOf(atStart.getValue(from)))
                val instead = default.mapValues { (dimension, value) -> value - found.getValue(dimension) }
                head.value(from.domain.size, mapOf(start to 1f), inStart, instead)
            }

            is Share -> {
                val from = variable.inputs[2] as Categorical
                val counted = from.domain.filter(variable.counts)
                val reads = counted.associate { reading(from, it) to 1f }
                head.value(0, reads, counted.size / size(from), circuit.yes(to))
                if (atStart.getValue(from) in counted) head.value(0, mapOf(start to -1f), -inStart, emptyMap())
            }

            else -> {
                head.value(0, mapOf(start to 1f), inStart, circuit.yes(to))
            }
        }
    }

    private fun sizes(): CircuitSizes {
        val own = program.variables.filter { it.inputs.isNotEmpty() || it is Always }
        val dimensions =
            program.vocabulary.size + program.longest + 1 + CONSTANTS + UNREAD +
                own.sumOf { (it as? Categorical)?.domain?.size ?: 2 }
        val numbers = program.variables.filterIsInstance<Attended>().maxOf { numbers(it) }
        val headWidth = maxOf(numbers, (dimensions + schedule.heads - 1) / schedule.heads)
        return CircuitSizes(
            width = headWidth * schedule.heads,
            heads = schedule.heads,
            positions = program.longest + 1,
            constant = CONSTANT,
            sharp = SHARP * sqrt(headWidth.toFloat()),
        )
    }

    private fun neurons(): Int =
        schedule.writers.entries.filter { it.value is Component.Mlp }.groupBy({ it.value }, { Neurons.count(it.key) })
            .values.maxOfOrNull { it.sum() } ?: 1

    companion object {
        /** Score of a selected key: it gets e^12 times the weight of row 0. */
        const val SHARP: Float = 24f

        /** Share of an answer's logit that one of the heads that compute nothing can add. */
        const val LEAK: Float = 0.01f

        /** So large that LayerNorm divides every row by the same number up to 1e-5. */
        private const val CONSTANT = 256f
        private const val CONSTANTS = 2
        private const val UNREAD = 3

        /** Returns the queries that select the same keys, with these, for all that select any. */
        fun groups(selector: Selector): List<Pair<List<Any>, List<Any>>> =
            selector.queries.domain
                .groupBy { query -> selector.keys.domain.filter { selector.matches(query, it) } }
                .filterKeys { it.isNotEmpty() }.map { (keys, queries) -> queries to keys }

        private fun numbers(variable: Attended): Int =
            maxOf(
                groups(variable.selector).size + 1,
                if (variable is Aggregated) (variable.inputs[2] as Categorical).domain.size + 1 else UNREAD,
            )
    }
}
