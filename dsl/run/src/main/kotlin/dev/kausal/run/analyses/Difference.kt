package dev.kausal.run.analyses

import dev.kausal.engine.errors.KausalException
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.Inference
import dev.kausal.run.inference.Rankings
import dev.kausal.run.inference.measured
import dev.kausal.spec.DifferenceSpec
import dev.kausal.spec.Paired
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.paired

/** Effects of one result minus those of another. */
internal object DifferenceAnalysis : Reading<DifferenceSpec>(DifferenceSpec::class, Stage.COMPARISONS) {
    override fun results(
        spec: DifferenceSpec,
        on: RunContext,
    ): List<Result> = listOf(difference(spec, on.rankings, on.inference))
}

/** Subtracts the effects of one result from another's, pairing examples that ask the same question. */
private fun difference(
    spec: DifferenceSpec,
    rankings: Rankings,
    inference: Inference?,
): Result {
    val all = rankings.measuredOn(spec.of)
    val others = rankings.measuredOn(spec.minus)
    val pairs = paired(all, others)
    if (pairs.isEmpty()) throw NothingPaired(spec, all.size, others.size)
    val of = rankings.effects(spec.of)
    val minus = rankings.effects(spec.minus)
    val rows =
        pairs.map { pair ->
            of[pair.example].mapIndexed { cell, value ->
                val control = pair.partners.mapNotNull { minus[it][cell] }
                if (value == null || control.isEmpty()) null else value - control.average()
            }
        }
    val kept = pairs.map { all[it.example] }
    val subtracted = rankings.result(spec.of)
    val estimate = subtracted.estimate ?: rankings.result(spec.minus).estimate
    val result =
        measured(
            spec.name,
            ResultKind.Difference,
            "difference of ${subtracted.metric}",
            subtracted.axes,
            kept.map { it.label },
            rows,
        ).copy(notes = notes(spec, pairs, all.size, others.size), estimate = estimate)
    // Effects too small in one result are too small in the difference.
    return inference?.of(result, kept, tested = { estimate == null })?.copy(smallest = subtracted.smallest) ?: result
}

private fun notes(
    spec: DifferenceSpec,
    pairs: List<Paired>,
    of: Int,
    minus: Int,
): List<String> {
    val used = pairs.flatMap { it.partners }.distinct().size
    val left =
        if (pairs.size == of && used == minus) {
            ""
        } else {
            " Left out, since the other has no such question: ${of - pairs.size} of $of of ${spec.of}, " +
                "${minus - used} of $minus of ${spec.minus}."
        }
    val paired = "${pairs.size} examples of ${spec.of} with those of ${spec.minus} that ask the same"
    return listOf("Paired by question: $paired.$left")
}

/** A difference of results without common questions, after filters. */
public class NothingPaired internal constructor(
    /** Name of the difference. */
    public val name: String,
    of: String,
    minus: String,
    sizes: Pair<Int, Int>,
) : KausalException(
        Blame.USER,
        "$name: none of the ${sizes.first} examples of $of asks the same question (clean prompt, answer and " +
            "foil) as one of the ${sizes.second} of $minus. Use the same questions and filter for both.",
    ) {
    internal constructor(spec: DifferenceSpec, of: Int, minus: Int) : this(spec.name, spec.of, spec.minus, of to minus)

    private companion object {
        const val serialVersionUID: Long = 1L
    }
}
