package dev.kausal.experiments.construction.rasp

import dev.kausal.engine.circuits.Reader
import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.graph.Component
import dev.kausal.engine.graph.Port
import dev.kausal.experiments.construction.rasp.Program.Slot

/**
 * Which parts of a model compute which variables of a program, where [Schedule] places them, and so what interchange
 * interventions on the parts do to the program (causal abstraction, Geiger et al. 2021).
 *
 * Components write variables; the queries, keys and values of a head and the input of an MLP are inputs of variables.
 * What carries the same in all texts, such as positions, is in no intervention that changes the program.
 */
internal class Alignment(
    private val program: Program,
    private val config: ModelConfig,
) {
    private val schedule = Schedule(program)
    private val computed = schedule.writers.entries.groupBy({ it.value }, { it.key }) - Component.Embed()

    private val all: List<Intervention> =
        components().flatMap { component ->
            val variables = computed[component].orEmpty()
            listOf(writes(component, variables)) + if (variables.isEmpty()) emptyList() else reads(component, variables)
        }

    /** The interventions on what the program uses to compute something that depends on the words of the text. */
    val aligned: List<Intervention> = all.filter { it.changesProgram }

    /** The interventions that must change nothing. */
    val unaligned: List<Intervention> = all - aligned

    /** Returns the intervention that makes all of [some] at once, with one source. */
    fun together(
        name: String,
        some: List<Intervention>,
    ): Intervention =
        Intervention(name, some.flatMap { it.ports }, program, some.flatMap { it.slots }, some.any { it.output })

    private fun components(): List<Component> =
        (0 until config.layers()).flatMap { layer ->
            List(config.heads()) { Component.Head(layer, it) } + Component.Mlp(layer)
        }

    private fun writes(
        component: Component,
        variables: List<Variable>,
    ): Intervention {
        val readers = program.variables.flatMap { variable ->
            variable.inputs.indices.filter { variable.inputs[it] in variables }.map { Slot(variable, it) }
        }
        val port = component.writer().orElseThrow()
        return intervention(component.label(), port, readers, program.output in variables)
    }

    /** Returns the interventions on each input of a head, or on that of an MLP. */
    private fun reads(
        component: Component,
        variables: List<Variable>,
    ): List<Intervention> =
        component.readers(config).mapIndexed { input, port ->
            val slots = variables.flatMap { variable -> variable.inputs.indices.map { Slot(variable, it) } }
            when (component) {
                is Component.Head -> {
                    val label = Reader(Schedule.READERS[input], component.layer(), component.head()).label()
                    intervention(label, port, slots.filter { it.input == input }, output = false)
                }

                else -> {
                    intervention("input of ${component.label()}", port, slots, output = false)
                }
            }
        }

    private fun intervention(
        name: String,
        port: Port,
        slots: List<Slot>,
        output: Boolean,
    ): Intervention {
        val carrying = slots.filter { it.variable.inputs[it.input].dependsOnWords }
        return Intervention(name, listOf(port), program, carrying, output)
    }
}

/**
 * An interchange intervention on a model, and on the program that it should compute.
 *
 * @property name the component that writes, or what reads, as in the names of edges
 * @property ports what is interchanged in the model
 * @property slots the inputs of variables that then have their rows in the source
 * @property output whether what it writes is the program's output
 */
internal class Intervention(
    val name: String,
    val ports: List<Port>,
    private val program: Program,
    val slots: List<Slot>,
    val output: Boolean,
) {
    /** Whether it can change what the program says. */
    val changesProgram: Boolean = slots.isNotEmpty() || output

    /** Returns what the program says in each row of [base] if these parts have their values in [source]. */
    fun answers(
        base: List<String>,
        source: List<String>,
    ): List<String> {
        val others = program.run(source)
        val seen = slots.associateWith { others.getValue(it.variable.inputs[it.input]) }
        val rows = if (output) others else program.run(base, seen)
        return rows.getValue(program.output).map { "$it" }
    }
}
