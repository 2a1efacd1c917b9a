package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.calling
import dev.kausal.dsl.bind.textEdits
import dev.kausal.dsl.declare.AnswersRead
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.TextMistake
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.GenerationSpec
import dev.kausal.spec.TextScore
import dev.kausal.spec.TokenSpec

/**
 * Continues each prompt by at most [tokens] tokens.
 *
 * @param choice how tokens are chosen: [likeliest] or [sampled]
 * @param run the prompts to continue, [clean] or [corrupted]
 * @param score what the result measures: [containsAnswer], [isAnswer] or [answerLetter]; if null, the log probability
 *   per token
 */
public fun ExperimentScope.generate(
    inputs: Inputs<CausalLm>,
    tokens: Int,
    choice: TokenChoice = likeliest,
    run: Run = clean,
    score: TextScore? = null,
): Analysis<GenerationHandle> = generated(
    inputs,
    Asked(tokens, choice, score, run, During.All),
    ScriptLines.line(),
    null,
) {
    emptyList()
}

/**
 * Continues each prompt by at most [tokens] tokens, unedited and with [edit].
 *
 * @param choice how tokens are chosen: [likeliest] or [sampled]
 * @param during positions of edits that name none with `at`: the prompt's, those that predict the answer, or all
 * @param score what the result measures: [containsAnswer], [isAnswer] or [answerLetter]; if null, the log probability
 *   per token
 */
public fun ExperimentScope.generate(
    inputs: Inputs<CausalLm>,
    tokens: Int,
    choice: TokenChoice = likeliest,
    during: During = During.All,
    score: TextScore? = null,
    edit: () -> Intervention,
): Analysis<GenerationHandle> =
    generated(inputs, Asked(tokens, choice, score, null, during), ScriptLines.line(), null) {
        listOf("edited" to edit())
    }

/**
 * Continues each prompt by at most [tokens] tokens, unedited and with the [edit] of each value of [over].
 *
 * @param label name of the values
 * @param choice how tokens are chosen: [likeliest] or [sampled]
 * @param during positions of edits that name none with `at`: the prompt's, those that predict the answer, or all
 * @param score what the result measures: [containsAnswer], [isAnswer] or [answerLetter]; if null, the log probability
 *   per token
 */
public fun <A> ExperimentScope.generate(
    inputs: Inputs<CausalLm>,
    tokens: Int,
    over: Iterable<A>,
    label: String = "",
    choice: TokenChoice = likeliest,
    during: During = During.All,
    score: TextScore? = null,
    edit: (A) -> Intervention,
): Analysis<GenerationHandle> =
    generated(inputs, Asked(tokens, choice, score, null, during), ScriptLines.line(), label) {
        over.map { "$label $it".trim() to edit(it) }
    }

private fun ExperimentScope.generated(
    inputs: Inputs<CausalLm>,
    asked: Asked,
    line: Int?,
    label: String?,
    edits: () -> List<Pair<String, Intervention>>,
): Analysis<GenerationHandle> =
    analysis(::GenerationHandle) { GenerationDeclaration(it, inputs, line, asked, label != null, edits) }

/** Texts that the model wrote. */
public class GenerationHandle internal constructor(
    override val name: String,
) : GridHandle()

/** What is asked of each text; [run] is null if the edits name it. */
internal class Asked(
    val tokens: Int,
    val choice: TokenChoice,
    val score: TextScore?,
    val run: Run?,
    val during: During,
)

internal class GenerationDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val asked: Asked,
    private val over: Boolean,
    private val edits: () -> List<Pair<String, Intervention>>,
) : DeclaredAnalysis {
    override val answersRead: AnswersRead
        get() = if (asked.score == null) AnswersRead.None else AnswersRead.Whole

    override val hasEffects: Boolean get() = false

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): GenerationSpec? {
        val variants = binding.mistakes.calling(line, "the block of generate", edits) ?: return null
        if (over && variants.isEmpty()) binding.mistakes += Mistake.EmptyAxis(line, "over")
        numbers(binding)
        val run = run(binding, variants.map { it.second })
        binding.readRun(this, run, set)
        asked.score?.let { binding.needs.answer(line, it.text, set, single = false) }
        lengths(binding, set, run)
        binding.textEdits(variants.map { it.second }, asked.during)
        val cells = binding.sweeps.cells(variants.map { it.second }, set)
        val unedited = CellSpec(run.toSpec(binding.seed), emptyList())
        return GenerationSpec(
            name = name,
            contrasts = set.name,
            line = line,
            run = unedited.run,
            tokens = asked.tokens,
            ends = binding.facts.endTokens.map { TokenSpec(binding.facts.tokenizer?.named(it) ?: "#$it", it) },
            choice = asked.choice.toSpec(binding.seed),
            during = asked.during,
            axes = listOf(AxisSpec("variant", listOf("unedited") + variants.map { it.first })),
            cells = listOf(unedited) + cells,
            score = asked.score,
        )
    }

    private fun numbers(binding: Binding) {
        val choice = asked.choice
        if (asked.tokens < 1) binding.bad(line, "tokens", "${asked.tokens}", "1 or more")
        if (choice.samples < 1) binding.bad(line, "samples", "${choice.samples}", "1 or more")
        if (!(choice.topP > 0 && choice.topP <= 1)) binding.bad(line, "topP", "${choice.topP}", "above 0, at most 1")
        choice.temperature?.let {
            if (!(it > 0 && it.isFinite())) binding.bad(line, "temperature", "$it", "above 0; or likeliest")
        }
    }

    /** Returns the run that all variants continue. */
    private fun run(
        binding: Binding,
        variants: List<Intervention>,
    ): Run {
        val named = (listOfNotNull(asked.run) + variants.flatMap { it.bases }).distinct()
        if (named.size > 1) binding.mistakes += Mistake.BaseConflict(line, named.map { "$it" })
        return named.firstOrNull() ?: clean
    }

    private fun lengths(
        binding: Binding,
        set: ContrastSetSpec,
        run: Run,
    ) {
        val context = binding.facts.shape.context
        val side = if (run == CorruptedRun) CorruptedRun else CleanRun
        val long = set.contrasts.mapNotNull { contrast ->
            val prompt = if (side == CorruptedRun) contrast.corrupted else contrast.clean
            prompt?.length?.takeIf { it + asked.tokens > context }?.let { contrast.label to it }
        }
        val (example, length) = long.maxByOrNull { it.second } ?: return
        binding.mistakes += TextMistake.TooLong(line, example, length, asked.tokens, context, long.size - 1)
    }
}
