package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.ContrastSetSpec

/** Attributes the logit difference between answer and foil to components. */
public fun ExperimentScope.directLogitAttribution(
    contrasts: Contrasts<CausalLm>,
    run: Run = clean,
): Analysis<AttributionHandle> {
    val line = ScriptLines.line()
    return analysis(::AttributionHandle) { AttributionDeclaration(it, contrasts, line, run) }
}

/** The result of a direct logit attribution. */
public class AttributionHandle internal constructor(
    override val name: String,
) : GridHandle()

internal class AttributionDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val run: Run,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): AttributionSpec {
        binding.needs.foil(line, "directLogitAttribution", set)
        return AttributionSpec(name, set.name, line, binding.readRun(this, run, set))
    }
}
