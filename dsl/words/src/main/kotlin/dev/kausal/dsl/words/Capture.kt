package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ContrastSetSpec

/** Captures the unmodified activations at [site]. */
public fun ExperimentScope.capture(
    inputs: Inputs<*>,
    site: WholeSite,
    run: Run = clean,
): Analysis<CaptureHandle> {
    val line = ScriptLines.line()
    return analysis(::CaptureHandle) { CaptureDeclaration(it, inputs, line, site.address, run) }
}

/** Captured activations. */
public class CaptureHandle internal constructor(
    override val name: String,
) : ResultHandle()

internal class CaptureDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val site: Address,
    private val run: Run,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): CaptureSpec {
        binding.sites.check(line, site)
        binding.needs.run(line, name, run, set)
        return CaptureSpec(name, set.name, line, site.hook, run.toSpec(binding.seed))
    }
}
