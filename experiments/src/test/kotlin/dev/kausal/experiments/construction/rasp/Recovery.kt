package dev.kausal.experiments.construction.rasp

import dev.kausal.engine.circuits.EdgePair
import dev.kausal.engine.tensor.Torch
import dev.kausal.statistics.Roc
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import kotlin.math.abs

/** A model of a program with pairs of texts, and the edges that decide any of them. */
internal class Recovery(
    val model: ProgramModel,
) : AutoCloseable {
    private val known = KnownCircuit(model.program)
    private val pairs = pairs(model.program, 10)

    /** Names of the edges, in the order of effects. */
    val labels: List<String> = model.graph.labels()

    /** The known edges. */
    val truth: Set<String> = pairs.flatMap { (clean, corrupted) -> known.deciding(clean, corrupted) }.toSet()

    /** Returns the size of the mean effect of each edge. */
    fun sizes(effects: (EdgePair) -> List<Double>): List<Double> {
        Torch.inference()
        val rows = pairs.map { (clean, corrupted) -> effects(model.pair(clean, corrupted)) }
        return labels.indices.map { edge -> abs(rows.sumOf { it[edge] } / rows.size) }
    }

    /** Returns the area of the ranking by the sizes of mean effects. */
    fun area(effects: (EdgePair) -> List<Double>): Double {
        withClue("$truth") { (truth.size > 1) shouldBe true }
        return Roc(sizes(effects), labels.map { it in truth }).area
    }

    override fun close(): Unit = model.close()
}
