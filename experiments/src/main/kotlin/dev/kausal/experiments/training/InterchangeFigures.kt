package dev.kausal.experiments.training

import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.engine.training.Interchange
import dev.kausal.engine.training.Interchanges
import dev.kausal.experiments.construction.rasp.Alignment
import dev.kausal.experiments.construction.rasp.Intervention
import dev.kausal.experiments.construction.rasp.Program
import kotlin.math.abs
import kotlin.random.Random

/** Measures on held-out texts whether interchanges do to a model what they do to its program. */
internal class InterchangeFigures(
    private val program: Program,
    private val alignment: Alignment,
    private val texts: ProgramTexts,
) {
    /**
     * Returns the share of right answers (`heldOutTop1`); of each aligned part, the share of right answers to an
     * interchange among those that it changes (`interchange.PART`); of each other part, the share of answers that an
     * interchange changes (`changed.PART`) and by how much it moves probability on average (`effect.PART`, total
     * variation distance), also of all others at once (`all`).
     */
    fun all(model: HookedModel): Map<String, Double> {
        val random = Random(SEED)
        val figures = LinkedHashMap<String, Double>()
        figures["heldOutTop1"] = Exchanges(model, null, PAIRS, random).run { count { right(it) } }
        for (one in alignment.aligned) {
            val exchanges = Exchanges(model, one, PAIRS, random)
            figures["interchange.${one.name}"] =
                exchanges.run { count({ expected[it] != plain[it] }) { right(it) } }
        }
        for (one in alignment.unaligned + alignment.together("all", alignment.unaligned)) {
            val exchanges = Exchanges(model, one, PAIRS, random)
            figures["changed.${one.name}"] = exchanges.run { count { said[it] != saidPlain[it] } }
            figures["effect.${one.name}"] = exchanges.moved()
        }
        return figures
    }

    /** Returns the share of right answers with every intervention, and with none. */
    fun right(model: HookedModel): Double {
        val random = Random(SEED)
        return (alignment.aligned + alignment.unaligned + null)
            .map { one -> Exchanges(model, one, FEW, random).run { count { right(it) } } }
            .average()
    }

    /** The rows of pairs of texts, of which the first row of each text is left out, since it answers no text. */
    private inner class Exchanges(
        model: HookedModel,
        intervention: Intervention?,
        pairs: Int,
        random: Random,
    ) {
        private val sources = List(pairs) { texts.draw(random, heldOut = true) }
        private val exchanged = sources.map { source ->
            if (intervention == null) {
                val base = texts.draw(random, heldOut = true)
                ProgramTexts.Exchanged(base, texts.answers(base))
            } else {
                texts.exchange(intervention, source, random, heldOut = true)
            }
        }

        /** What the program says with the intervention, and without. */
        val expected = exchanged.flatMap { it.answers.drop(1) }
        val plain = exchanged.flatMap { texts.answers(it.base).drop(1) }

        private val probabilities = run(model, intervention)
        private val probabilitiesPlain = run(model, null)

        /** What the model says with the intervention, and without. */
        val said = probabilities.map { best(it) }
        val saidPlain = probabilitiesPlain.map { best(it) }

        fun right(row: Int) = said[row] == program.id(expected[row])

        fun count(
            among: (Int) -> Boolean = { true },
            holds: (Int) -> Boolean,
        ): Double {
            val rows = said.indices.filter(among)
            return rows.count(holds).toDouble() / rows.size
        }

        fun moved(): Double =
            said.indices.sumOf { row ->
                val (now, before) = probabilities[row] to probabilitiesPlain[row]
                now.indices.sumOf { abs(now[it] - before[it]).toDouble() } / 2
            } / said.size

        private fun best(row: FloatArray) = row.indices.maxBy { row[it] }

        /** Returns the probabilities of tokens [row][token] in the base texts. */
        private fun run(
            model: HookedModel,
            intervention: Intervention?,
        ): List<FloatArray> =
            Torch.manager().use { manager ->
                val pairs = sources.size
                val inputs = (sources + exchanged.map { it.base }).map(texts::input)
                val hooks = Hooks(model.points())
                val interchanges = List(pairs) { Interchange(pairs + it, it, intervention?.ports.orEmpty()) }
                if (intervention != null) Interchanges.addTo(hooks, model, inputs, interchanges)
                val width = program.vocabulary.size
                val all = model.outputs(inputs, hooks, manager).softmax(-1).toFloatArray()
                val first = pairs * texts.length
                (first until 2 * first).filter { it % texts.length != 0 }
                    .map { all.copyOfRange(it * width, (it + 1) * width) }
            }
    }

    private companion object {
        const val SEED = 5L
        const val PAIRS = 1000
        const val FEW = 50
    }
}
