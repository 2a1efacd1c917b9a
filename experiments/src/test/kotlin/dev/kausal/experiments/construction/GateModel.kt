package dev.kausal.experiments.construction

import dev.kausal.engine.weights.SafetensorsWriter
import dev.kausal.engine.weights.SafetensorsWriter.Precision
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

/** How a city that two heads bring is said: if either brings it, or only if both do. */
internal enum class Gate { Either, Both }

/**
 * `embedded:lookup` with two movers: heads 1 and 3 of layer 2 each bring the city, to places of their own, and layer 3 says
 * it by a [Gate]. Of either, one is a backup of the other; of both, each needs the other.
 */
internal object GateModel {
    private val firsts = listOf("red", "blue", "green", "white")
    private val seconds = listOf("tower", "bridge", "gate", "house")
    private val cities = listOf("rome", "paris", "oslo", "cairo", "delhi", "lima", "quito", "seoul")
    private val words =
        listOf("?", ".") +
            (listOf(".", "i", "think", "guess", "the", "is", "in") + firsts + seconds + cities).map { " $it" }

    fun write(
        gate: Gate,
        folder: Path,
    ): Path {
        folder.createDirectories()
        val circuit = circuit(gate)
        folder.resolve("config.json").writeText(circuit.config())
        folder.resolve("tokenizer.json").writeText("${WordTokenizer(" ?[^ ]+").json(circuit.vocabulary)}\n")
        SafetensorsWriter.write(folder.resolve("model.safetensors"), circuit.tensors(), Precision.F16)
        return folder
    }

    private fun circuit(gate: Gate) =
        Circuit(layers = 4, vocabulary = words, neurons = 16).apply {
            val previous = space(vocabulary.size)
            val known = space(cities.size)
            val found = space(2)
            val brought = listOf(space(cities.size), space(cities.size))
            val said = space(cities.size)
            val unread = space(8)
            previousToken(0, 1, previous)
            for ((subject, city) in Lookup.facts) {
                val (first, second) = subject
                val writes = known.direction(cities.indexOf(city)) + mapOf(found[0] to 1f, found[1] to -1f)
                val neuron = firsts.indexOf(first) * seconds.size + seconds.indexOf(second)
                both(1, neuron, previous to id(" $first"), token to id(" $second"), writes)
            }
            for ((head, to) in listOf(1, 3).zip(brought)) {
                head(2, head).prefer(found[0], 1f, 0).copy(dimensions(known), to)
            }
            // A city that one head brings is 0.875 there, one that both bring 1.75, any other at most 0.
            cities.indices.forEach { city ->
                val reads = brought.associate { it[city] to 1f }
                if (gate == Gate.Either) {
                    neuron(3, 2 * city, reads, 0f, said.direction(city, 2f))
                    neuron(3, 2 * city + 1, reads, -0.5f, said.direction(city, -2f))
                } else {
                    neuron(3, city, reads, -1.25f, said.direction(city, 2f))
                }
            }
            idle(0, 3, unread)
            idle(2, 0, unread)
            cities.forEachIndexed { i, city -> unembed(id(" $city"), said[i]) }
        }
}
