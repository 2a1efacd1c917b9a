package dev.kausal.experiments.training

import dev.kausal.engine.config.Input
import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.gradients.Objective
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.training.Interchange
import dev.kausal.experiments.construction.rasp.Alignment
import dev.kausal.experiments.construction.rasp.AmbiguousAggregate
import dev.kausal.experiments.construction.rasp.Intervention
import dev.kausal.experiments.construction.rasp.Program
import kotlin.random.Random

/**
 * Texts with what a program says in each row, and interchanges between them with what it then says.
 *
 * The loss of a step is the mean smoothed cross-entropy of texts that run as they are, plus that of texts with aligned parts
 * interchanged, plus [STRICT] times that of texts with other parts interchanged, which must change nothing.
 */
internal class InterchangeData(
    private val program: Program,
    config: ModelConfig,
    private val seed: Long,
) : TrainingData {
    private val alignment = Alignment(program, config)
    private val texts = ProgramTexts(program)

    override val probes: String get() = "answers to held-out texts with all interchanges"

    override fun batch(step: Int): Batch {
        val random = Random(seed * STRIDE + step)
        val aligned = List(TEXTS) { aligned(step * TEXTS + it, random) }
        val others = List(TEXTS) { others(step * TEXTS + it, random) }
        val pairs = (aligned + others).chunked(TEXTS).flatMap { some -> some.mapIndexed { i, one -> i to one } }
        return batch(pairs, random)
    }

    /** Returns in turn one of the aligned parts, one with all others that must change nothing, and a random half of all parts. */
    private fun aligned(
        number: Int,
        random: Random,
    ): Intervention {
        val one = alignment.aligned[number / WAYS % alignment.aligned.size]
        return when (number % WAYS) {
            0 -> one
            1 -> alignment.together("with all others", alignment.unaligned + one)
            else -> half(alignment.aligned + alignment.unaligned, random)
        }
    }

    /** Returns in turn one of the parts that must change nothing, all of them, and a random half. */
    private fun others(
        number: Int,
        random: Random,
    ): Intervention =
        when (number % WAYS) {
            0 -> alignment.unaligned[number / WAYS % alignment.unaligned.size]
            1 -> alignment.together("all", alignment.unaligned)
            else -> half(alignment.unaligned, random)
        }

    private fun half(
        of: List<Intervention>,
        random: Random,
    ) = alignment.together("half", of.shuffled(random).drop(of.size / 2))

    private fun batch(
        interventions: List<Pair<Int, Intervention>>,
        random: Random,
    ): Batch {
        val sources = List(TEXTS) { texts.draw(random, heldOut = false) }
        val exchanged = interventions.map { (source, one) -> texts.exchange(one, sources[source], random, false) }
        val inputs = (sources + exchanged.map { it.base }).map(texts::input)
        val interchanges =
            interventions.mapIndexed { i, (source, one) -> Interchange(TEXTS + i, source, one.ports) }
        val answers = sources.map(texts::answers) + exchanged.map { it.answers }
        val weights = listOf(1f, 1f, STRICT).flatMap { weight -> List(TEXTS) { weight } }
        val rows = texts.length * inputs.size
        val objective =
            Objective.crossEntropy(
                IntArray(rows) { it },
                answers.flatten().map { program.id(it).toLong() }.toLongArray(),
                FloatArray(rows) { weights[it / texts.length] / (TEXTS * texts.length) },
                SMOOTHING,
            )
        return Batch(inputs, objective, interchanges)
    }

    override fun probe(model: HookedModel): Double = InterchangeFigures(program, alignment, texts).right(model)

    override fun figures(model: HookedModel): Map<String, Double> =
        InterchangeFigures(program, alignment, texts).all(model)

    override fun close(): Unit = Unit

    private companion object {
        /** Texts of each of the three parts of the loss. */
        const val TEXTS = 64
        const val STRICT = 0.4f

        /** Ways to choose parts. Those one by one would leave copies of a value in several, each of which may be changed. */
        const val WAYS = 3

        /** Without it, logits grow until interchanges change them by any amount that leaves the answer certain. */
        const val SMOOTHING = 0.1
        const val STRIDE = 1_000_003L
    }
}

/** Random texts of a program, of its greatest length: each row answers the text up to there. */
internal class ProgramTexts(
    private val program: Program,
) {
    /** Rows of a text. */
    val length: Int = program.longest + 1

    /** A text, and what the program says in each row under an intervention. */
    class Exchanged(
        val base: List<String>,
        val answers: List<String>,
    )

    /** Returns a text on which the program is defined, from every eighth text or from the others. */
    fun draw(
        random: Random,
        heldOut: Boolean,
    ): List<String> =
        generateSequence { List(program.longest) { program.words.random(random) } }
            .first { (it.joinToString(" ").hashCode().mod(HELD_OUT) == 0) == heldOut && defined { program.run(it) } }

    /** Returns a text on which [intervention] with [source] is defined. */
    fun exchange(
        intervention: Intervention,
        source: List<String>,
        random: Random,
        heldOut: Boolean,
    ): Exchanged =
        generateSequence { draw(random, heldOut) }
            .firstNotNullOf { base ->
                try {
                    Exchanged(base, intervention.answers(base, source))
                } catch (_: AmbiguousAggregate) {
                    null
                }
            }

    /** Returns what the program says in each row. */
    fun answers(text: List<String>): List<String> = program.run(text).getValue(program.output).map { "$it" }

    /** Returns a text as the model reads it. */
    fun input(text: List<String>): Input = Input.tokens(*(listOf(".") + text).map(program::id).toIntArray())

    private fun defined(run: () -> Unit): Boolean =
        try {
            run()
            true
        } catch (_: AmbiguousAggregate) {
            false
        }

    private companion object {
        const val HELD_OUT = 8
    }
}
