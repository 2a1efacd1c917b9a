package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.TokenBinder
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.TokenSpec

/** Reads the [top] most likely next tokens from the residual stream after every layer. */
public fun ExperimentScope.logitLens(
    contrasts: Contrasts<CausalLm>,
    top: Int = 5,
    run: Run = clean,
): Analysis<LensHandle> {
    val line = ScriptLines.line()
    return analysis(::LensHandle) { LensDeclaration(it, contrasts, line, top, run) }
}

/**
 * Reads a logit lens that also follows [tokens], independent of the answers: logit, probability and rank of each after
 * every layer at every position. The results are `NAME`, `NAME.logits`, `NAME.probabilities` and `NAME.ranks`.
 *
 * @param tokens texts of single tokens, including leading blanks
 */
public fun ExperimentScope.logitLens(
    inputs: Inputs<CausalLm>,
    tokens: List<String>,
    top: Int = 5,
    run: Run = clean,
): Analysis<TokenLensHandle> {
    val line = ScriptLines.line()
    return analysis(::TokenLensHandle) { LensDeclaration(it, inputs, line, top, run, tokens) }
}

/** The result of a logit lens. */
public open class LensHandle internal constructor(
    override val name: String,
) : GridHandle()

/** The result of a logit lens that follows tokens. */
public class TokenLensHandle internal constructor(
    name: String,
) : LensHandle(name) {
    /** Logits of the tokens [token, layer, position]. */
    public val logits: MeasureHandle = MeasureHandle("$name.logits")

    /** Probabilities of the tokens [token, layer, position]. */
    public val probabilities: MeasureHandle = MeasureHandle("$name.probabilities")

    /** Ranks of the tokens in the vocabulary [token, layer, position]; 1 is the most likely. */
    public val ranks: MeasureHandle = MeasureHandle("$name.ranks")
}

/** [tokens] is null if the lens follows none. */
internal class LensDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val top: Int,
    private val run: Run,
    private val tokens: List<String>? = null,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): LogitLensSpec {
        val vocabulary = binding.facts.shape.vocabulary
        if (top !in 1..vocabulary) binding.bad(line, "top", "$top", "1 to the number of tokens, $vocabulary")
        binding.needs.oneToken(line, "a logit lens", set)
        if (tokens != null && tokens.isEmpty()) binding.bad(line, "tokens", "none", "one token or more")
        return LogitLensSpec(name, set.name, line, top, binding.readRun(this, run, set), followed(binding))
    }

    private fun followed(binding: Binding): List<TokenSpec> {
        if (tokens.isNullOrEmpty()) return emptyList()
        val binder = TokenBinder(binding)
        val found = tokens.mapNotNull { binder.of(line, "token that a lens follows", it) }
        val twice = found.groupBy { it.id }.values.firstOrNull { it.size > 1 }?.first()
        twice?.let { binding.bad(line, "tokens", "\"${it.text}\" twice", "different tokens") }
        return found
    }
}
