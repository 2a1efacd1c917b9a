package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.LogitLensSpec

/** The [top] likeliest next tokens that the residual stream holds after every layer. */
public fun ExperimentScope.logitLens(
    contrasts: Contrasts<CausalLm>,
    top: Int = 5,
    run: Run = clean,
): Analysis<LensHandle> {
    val line = ScriptLines.line()
    return analysis(::LensHandle) { LensDeclaration(it, contrasts, line, top, run) }
}

/** The result of a logit lens. */
public class LensHandle internal constructor(
    override val name: String,
) : GridHandle()

internal class LensDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val top: Int,
    private val run: Run,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): LogitLensSpec {
        val tokens = binding.facts.shape.vocabulary
        if (top !in 1..tokens) binding.bad(line, "top", "$top", "1 to the number of tokens, $tokens")
        return LogitLensSpec(name, set.name, line, top, binding.readRun(this, run, set))
    }
}
