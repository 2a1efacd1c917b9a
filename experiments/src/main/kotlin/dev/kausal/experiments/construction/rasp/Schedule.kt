package dev.kausal.experiments.construction.rasp

import dev.kausal.engine.circuits.Reader
import dev.kausal.engine.graph.Component

/**
 * Which part of the model computes each variable of a program: the earliest that sees all inputs of the variable. Heads
 * compute what is [Attended], MLPs all other functions.
 */
internal class Schedule(
    private val program: Program,
) {
    /** The writer of each variable. */
    val writers: Map<Variable, Component> = place()

    /** Number of layers. */
    val layers: Int = writers.values.maxOf { layer(it) } + 1

    /** Heads of each layer: at least one more than any layer needs, and three. */
    val heads: Int = maxOf(LEAST_HEADS, writers.values.filterIsInstance<Component.Head>().maxOf { it.head() } + 2)

    private fun place(): Map<Variable, Component> {
        val places = LinkedHashMap<Variable, Component>()
        val used = HashMap<Int, Int>()
        for (variable in program.variables) {
            places[variable] =
                when {
                    variable.inputs.isEmpty() -> {
                        Component.Embed()
                    }

                    variable is Attended -> {
                        val layer = variable.inputs.maxOf { layer(places.getValue(it)) } + 1
                        Component.Head(layer, used.merge(layer, 1, Int::plus)!! - 1)
                    }

                    else -> {
                        Component.Mlp(maxOf(0, variable.inputs.maxOf { mlpAfter(places.getValue(it)) }))
                    }
                }
        }
        return places
    }

    /** Returns the layer of the first MLP that reads what [writer] writes. */
    private fun mlpAfter(writer: Component): Int = layer(writer) + if (writer is Component.Mlp) 1 else 0

    private fun layer(writer: Component): Int =
        when (writer) {
            is Component.Head -> writer.layer()
            is Component.Mlp -> writer.layer()
            else -> -1
        }

    /** Returns the part that computes [variable] and the one that reads its input number [input]. */
    fun edge(
        variable: Variable,
        input: Int,
    ): String {
        val reader =
            when (val place = writers.getValue(variable)) {
                is Component.Head -> Reader(READERS[input], place.layer(), place.head())
                is Component.Mlp -> Reader(Reader.Kind.MLP, place.layer(), 0)
                else -> error("$place reads nothing")
            }
        return "${writers.getValue(variable.inputs[input]).label()} -> ${reader.label()}"
    }

    /** Returns the edge of the program's output to the logits. */
    fun outputEdge(): String =
        "${writers.getValue(program.output).label()} -> ${Reader(Reader.Kind.LOGITS, layers - 1, 0).label()}"

    companion object {
        private const val LEAST_HEADS = 3

        /** What reads the inputs of an [Attended] variable. */
        val READERS: List<Reader.Kind> = listOf(Reader.Kind.QUERY, Reader.Kind.KEY, Reader.Kind.VALUE)
    }
}
