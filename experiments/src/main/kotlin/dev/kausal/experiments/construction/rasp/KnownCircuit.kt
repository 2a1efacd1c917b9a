package dev.kausal.experiments.construction.rasp

import dev.kausal.experiments.construction.rasp.Program.Slot

/** The circuit of a compiled program, known from the program alone. */
internal class KnownCircuit(
    private val program: Program,
) {
    private val schedule = Schedule(program)

    /** What each edge that the program uses brings: inputs of variables, by the edge's name. */
    private val slots: Map<String, List<Slot>> =
        program.variables.flatMap { variable -> variable.inputs.indices.map { Slot(variable, it) } }
            .groupBy { schedule.edge(it.variable, it.input) }

    /** What each part computes, in the order of the pass; parts that are not named compute nothing. */
    val roles: Map<String, List<Variable>> =
        schedule.writers.entries.groupBy({ it.value.label() }, { it.key })

    /** All edges that the program uses, also those that only bring positions or the same in every text. */
    val edges: Set<String> = slots.keys + schedule.outputEdge()

    /** The edges that bring something that depends on the words of the text. */
    val carrying: Set<String> =
        slots.filterValues { some -> some.any { it.variable.inputs[it.input].dependsOnWords } }.keys +
            schedule.outputEdge()

    /**
     * Returns the edges on which the answer to [clean] depends: if the edge alone brings what it brings in [corrupted],
     * and all that follows is computed anew, the program's answer is another one.
     */
    fun deciding(
        clean: List<String>,
        corrupted: List<String>,
    ): Set<String> {
        require(clean.size == corrupted.size) { "$clean and $corrupted have different lengths" }
        val others = program.run(corrupted)
        val answer = program.answer(clean)
        val inside =
            slots.filterValues { some ->
                val seen = some.associateWith { others.getValue(it.variable.inputs[it.input]) }
                program.run(clean, seen).getValue(program.output).last() != answer
            }.keys
        return if (others.getValue(program.output).last() == answer) inside else inside + schedule.outputEdge()
    }
}
