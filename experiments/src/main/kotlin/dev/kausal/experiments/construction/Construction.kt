package dev.kausal.experiments.construction

import dev.kausal.engine.weights.SafetensorsWriter
import dev.kausal.engine.weights.SafetensorsWriter.Precision
import dev.kausal.experiments.construction.rasp.Programs
import dev.kausal.experiments.construction.rasp.RaspModel
import dev.kausal.experiments.embedded.ModelCard
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

/**
 * A model with hand-written weights, so that the right answer of an experiment on it is known.
 *
 * @property name name, also in `embedded:NAME`
 * @property description one line for users
 */
internal abstract class Construction(
    val name: String,
    val description: String,
) {
    protected abstract val circuit: Circuit
    protected abstract val tokenizer: WordTokenizer
    protected open val precision: Precision get() = Precision.F16

    /** Writes the model and its card. */
    fun write(folder: Path): Path {
        folder.createDirectories()
        folder.resolve("config.json").writeText(circuit.config())
        folder.resolve("tokenizer.json").writeText("${tokenizer.json(circuit.vocabulary)}\n")
        SafetensorsWriter.write(folder.resolve("model.safetensors"), circuit.tensors(), precision)
        val files = listOf("config.json", "model.safetensors", "tokenizer.json")
        ModelCard.of(
            name,
            description,
            "Apache-2.0",
            "./kausal construct $name",
            emptyMap(),
            folder,
            files,
        ).write(folder)
        return folder
    }

    companion object {
        /** All constructions. */
        val all: List<Construction> by lazy {
            listOf(Induction, Lookup(opinions = false), Lookup(opinions = true), Ioi) +
                Programs.all.map(::RaspModel)
        }
    }
}

/**
 * `embedded:induction`: the induction circuit of Elhage et al. 2021 and Olsson et al. 2022, in two layers of attention.
 *
 * Head 2 of layer 0 copies the previous token; head 1 of layer 1 finds the row whose previous token is the current one,
 * and outputs its token. Texts are letters: `.abcda` continues with `b`. Head 3 of layer 0 and head 0 of layer 1 are
 * active, but nothing reads their output.
 */
internal object Induction : Construction(
    "induction",
    "Built by hand: an induction circuit of a previous-token head (layer 0, head 2) and an induction head (layer 1, head 1)",
) {
    override val tokenizer = WordTokenizer(".")
    override val circuit: Circuit by lazy {
        Circuit(layers = 2, vocabulary = listOf("?", ".") + ('a'..'y').map { "$it" }, neurons = 4).apply {
            val previous = space(vocabulary.size)
            val said = space(vocabulary.size)
            val unread = space(4)
            previousToken(0, 2, previous)
            // The first row has no predecessor, and its key must not suggest one.
            head(1, 1).match(dimensions(token), dimensions(previous))
                .prefer(position[0], -1f, Circuit.D_HEAD - 1)
                .copy(dimensions(token), said)
            idle(0, 3, unread)
            idle(1, 0, unread)
            vocabulary.indices.forEach { unembed(it, said[it]) }
        }
    }
}

/**
 * `embedded:lookup`, a fact that is looked up and moved as in Meng et al. 2022, and `embedded:opinion`, the same with a
 * head that follows the user's opinion.
 *
 * A subject is two words, neither of which determines the answer: `. the red tower is in` continues with ` rome`. Head
 * 1 of layer 0 copies the previous token; in layer 1, one neuron per subject encodes its city, at the subject's second
 * word; head 3 of layer 2 moves the city to the last position. Layer 3 is empty. In `opinion`, head 2 of layer 1 finds
 * the word after `think` and writes it half as strongly again, so that `. i think paris . the red tower is in`
 * continues with ` paris`; it ignores `guess`.
 */
internal class Lookup(
    private val opinions: Boolean,
) : Construction(
        if (opinions) "opinion" else "lookup",
        "Built by hand: facts looked up by neurons of layer 1 and moved by layer 2, head 3" +
            if (opinions) "; layer 1, head 2 repeats what the user thinks" else "",
    ) {
    override val tokenizer = WordTokenizer(" ?[^ ]+")
    override val circuit: Circuit by lazy {
        Circuit(layers = 4, vocabulary = words, neurons = firsts.size * seconds.size).apply {
            val previous = space(vocabulary.size)
            val known = space(cities.size)
            val found = flag()
            val said = space(cities.size)
            val unread = space(8)
            previousToken(0, 1, previous)
            for ((subject, city) in facts) {
                val (first, second) = subject
                val writes = known.direction(cities.indexOf(city)) + yes(found)
                val neuron = firsts.indexOf(first) * seconds.size + seconds.indexOf(second)
                both(1, neuron, previous to id(" $first"), token to id(" $second"), writes)
            }
            head(2, 3).prefer(found[0], 1f, 0).copy(dimensions(known), said)
            if (opinions) {
                // Without an opinion it attends to the first row, which is not a city.
                head(1, 2).prefer(previous[id(" think")], 1f, 0).prefer(position[0], 0.5f, 1)
                    .copy(cities.map { token[id(" $it")] }, said, LOUDER)
            }
            idle(0, 3, unread)
            idle(2, 0, unread)
            cities.forEachIndexed { i, city -> unembed(id(" $city"), said[i]) }
        }
    }

    companion object {
        private val firsts = listOf("red", "blue", "green", "white")
        private val seconds = listOf("tower", "bridge", "gate", "house")
        private val cities = listOf("rome", "paris", "oslo", "cairo", "delhi", "lima", "quito", "seoul")
        private val words =
            listOf("?", ".") +
                (listOf(".", "i", "think", "guess", "the", "is", "in") + firsts + seconds + cities).map { " $it" }
        private const val LOUDER = 1.5f

        /** The city of each subject: two subjects share a city, but no word of theirs does. */
        val facts: Map<Pair<String, String>, String> =
            firsts.flatMapIndexed { i, first ->
                seconds.mapIndexed { j, second -> (first to second) to cities[(2 * i + 3 * j) % cities.size] }
            }.toMap()
    }
}
