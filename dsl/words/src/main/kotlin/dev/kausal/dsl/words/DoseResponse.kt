package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.AnswersRead
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DoseResponseSpec
import dev.kausal.spec.SideEffectSpec
import dev.kausal.spec.StrengthUnit

/** The result of a [doseResponse], and its side effects. */
public class DoseResponseHandle internal constructor(
    override val name: String,
    private val neutral: Boolean,
    private val questions: Boolean,
) : GridHandle() {
    /** Loss on the neutral texts. */
    public val loss: MeasureHandle get() = part("loss", neutral, "neutral = texts")

    /** Divergence (KL) from the unedited model on the neutral texts. */
    public val kl: MeasureHandle get() = part("kl", neutral, "neutral = texts")

    /** Share of right answers to the questions. */
    public val accuracy: MeasureHandle get() = part("accuracy", questions, "questions = set")

    private fun part(
        end: String,
        measured: Boolean,
        argument: String,
    ): MeasureHandle {
        if (measured) return MeasureHandle("$name.$end")
        val expected = "measured, by $argument in doseResponse"
        throw ScriptMistakes(listOf(Mistake.BadValue(ScriptLines.line(), "$name.$end", "no such argument", expected)))
    }
}

/**
 * Measures [metric] while [direction] is added at several layers, one at a time, in several strengths; beside it, with random
 * directions and directions fitted to shuffled classes, of the same length, and side effects on other sets.
 *
 * @param layers layers to steer; all if null
 * @param at positions to steer, in all sets; all if null. Steering the last one alone leaves the loss of a text as it is
 * @param unit unit of the strengths: [classDifference], [activationNorm] or [unitNorm]
 * @param on the run to steer, [clean] or [corrupted]
 * @param draws number of random directions and of shuffles
 * @param neutral texts, clean prompts if they are contrasts, on which loss and divergence from the unedited model (KL) are
 *   measured; null for none
 * @param questions questions on whose clean prompts [accuracy] is measured, such as ones without an opinion; null for none
 */
public fun ExperimentScope.doseResponse(
    inputs: Inputs<*>,
    metric: PlainMetric,
    direction: DirectionHandle,
    strengths: Iterable<Double>,
    layers: Iterable<Int>? = null,
    at: Place? = null,
    unit: StrengthUnit = classDifference,
    on: Run = clean,
    draws: Int = 3,
    neutral: Inputs<*>? = null,
    questions: Inputs<*>? = null,
): Analysis<DoseResponseHandle> {
    val line = ScriptLines.line()
    val doses = Doses(direction, strengths.toList(), layers?.toList(), at, unit, on)
    return analysis({ DoseResponseHandle(it, neutral != null, questions != null) }) {
        DoseResponseDeclaration(it, inputs, line, metric, doses, draws, neutral, questions)
    }
}

/** The edits of a dose response. */
internal class Doses(
    val direction: DirectionHandle,
    val strengths: List<Double>,
    val layers: List<Int>?,
    private val at: Place?,
    private val unit: StrengthUnit,
    val on: Run,
) {
    /** Returns the edits of [run] at each of [layers] and strength, with [change] of the direction. */
    fun edits(
        layers: List<Int>,
        run: Run,
        change: (Direction) -> Direction = { it },
    ): List<Intervention> =
        layers.flatMap { layer ->
            strengths.map { strength ->
                val edit = steer(change(direction.at(layer)), strength, unit).on(run)
                at?.let { edit.at(it) } ?: edit
            }
        }
}

internal class DoseResponseDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val metric: PlainMetric,
    private val doses: Doses,
    private val draws: Int,
    private val neutral: Inputs<*>?,
    private val questions: Inputs<*>?,
) : DeclaredAnalysis {
    override val answersRead: AnswersRead get() = metric.answersRead

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): DoseResponseSpec? {
        val layers = doses.layers ?: List(binding.facts.shape.layers) { it }
        if (layers.isEmpty()) binding.mistakes += Mistake.EmptyAxis(line, "layers")
        if (doses.strengths.isEmpty()) binding.mistakes += Mistake.EmptyAxis(line, "strengths")
        doses.strengths.filterNot { it.isFinite() }.forEach { binding.bad(line, "a strength", "$it", "finite") }
        if (draws < 1) binding.bad(line, "draws", "$draws", "1 or more")
        if (doses.on is NoisedRun) binding.bad(line, "on", "${doses.on}", "clean or corrupted")

        fun cells(change: (Direction) -> Direction = { it }): List<CellSpec> =
            binding.sweeps.cells(doses.edits(layers, doses.on, change), set)
        val effects = effects(binding) { binding.sweeps.cells(doses.edits(layers, clean), it) }
        return DoseResponseSpec(
            name = name,
            contrasts = set.name,
            line = line,
            metric = binding.sweeps.metric(line, metric, set, emptyList()),
            axes = listOf(AxisSpec("layer", layers.map { "$it" }), AxisSpec("strength", doses.strengths.map { "$it" })),
            cells = cells(),
            random = List(draws) { draw -> cells { it.random(binding.seed + draw) } },
            shuffled = List(draws) { draw -> cells { it.shuffled(binding.seed + draw) } },
            effects = effects,
        )
    }

    private fun effects(
        binding: Binding,
        cells: (ContrastSetSpec) -> List<CellSpec>,
    ): List<SideEffectSpec> =
        listOf(Triple("loss", loss, neutral), Triple("kl", kl, neutral), Triple("accuracy", accuracy, questions))
            .mapNotNull { (end, metric, of) ->
                val set = of?.let(binding.setOf) ?: return@mapNotNull null
                SideEffectSpec(end, set.name, binding.sweeps.metric(line, metric, set, emptyList()), cells(set))
            }
}
