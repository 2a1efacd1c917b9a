package dev.kausal.run.controls

import dev.kausal.run.inputs.run
import dev.kausal.spec.ControlKind
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.question
import java.util.Random

/** Patches each example's edited run with the activations of another example's source run. */
internal object ShuffledPairing : ControlRule {
    override val kind = ControlKind.ShuffledPairing

    override val expected = null

    override fun parts(of: ControlledSweep): List<ControlPart>? {
        val source = of.source ?: return null
        val contrasts = of.contrasts
        val anyLength = of.cell.edits.none { it.at.dependsOnLength }
        val order = contrasts.indices.shuffled(Random(of.seed))
        val donors =
            order
                .mapIndexedNotNull { at, example ->
                    val own = contrasts[example]
                    val others = (order.drop(at + 1) + order.take(at)).map { contrasts[it] }
                    val fitting = others.filter { anyLength || fits(it.run(source), own.run(of.cell.run)) }
                    fitting.firstOrNull { it.question.answers != own.question.answers }?.let { example to it }
                }.toMap()
        if (donors.isEmpty()) return null
        val examples = donors.keys.sorted()
        val asked = of.asked(listOf(of.cell), contrasts.slice(examples))
        return listOf(ControlPart(asked.copy(sources = examples.map(donors::getValue)), examples))
    }

    private val PlaceSpec.dependsOnLength: Boolean
        get() = this == PlaceSpec.All || this is PlaceSpec.Position || (this is PlaceSpec.Span && span == "subject")

    private fun fits(
        from: PromptSpec,
        to: PromptSpec,
    ): Boolean = from.length == to.length && from.subject == to.subject
}
