package dev.kausal.dsl

import ai.djl.ndarray.NDArray
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.ModelSpec
import java.util.IdentityHashMap

/** Functions of the script in the order of their first use; the same object has the same index. */
internal class Functions<F : Any> {
    private val indices = IdentityHashMap<F, Int>()
    private val functions = mutableListOf<F>()

    fun index(function: F): Int = indices.getOrPut(function) { functions.size.also { functions += function } }

    fun toList(): List<F> = functions.toList()
}

/** What the parts of a binding share: the model, the mistakes so far and the functions met so far. */
internal class Binding(
    val facts: ModelFacts,
    val seed: Long,
) {
    val mistakes = LinkedHashSet<Mistake>()
    val activations = Functions<(NDArray) -> NDArray>()
    val metrics = Functions<(NDArray) -> Double>()
}

/** Makes the spec of a declaration for one model, or throws all of its mistakes. */
internal class Binder(
    private val declaration: ExperimentDeclaration,
    private val facts: ModelFacts,
) {
    private val recorder = declaration.recorder
    private val binding = Binding(facts, recorder.seed)
    private val needs = Needs(binding)
    private val sites = SiteChecks(binding)
    private val sweeps = SweepBinder(binding, needs, sites)

    fun bind(): BoundExperiment {
        binding.mistakes += recorder.mistakes
        binding.mistakes += declaration.modelMistakes()
        checkSettings()
        checkNames()
        val fits = checkKind()
        val prompts = PromptBinder(binding)
        val sets = recorder.contrasts.associate { it.name to prompts.bind(it) }
        val analyses = if (fits) {
            recorder.analyses.mapNotNull {
                analysis(it, sets.getValue(it.contrasts.name))
            }
        } else {
            null
        }
        if (binding.mistakes.isNotEmpty()) throw ScriptMistakes(binding.mistakes.toList())
        return BoundExperiment(
            spec(sets.values.toList(), analyses.orEmpty()),
            binding.activations.toList(),
            binding.metrics.toList(),
        )
    }

    private fun spec(
        sets: List<ContrastSetSpec>,
        analyses: List<AnalysisSpec>,
    ): ExperimentSpec =
        ExperimentSpec(
            name = declaration.name,
            script = declaration.script,
            model = ModelSpec(facts.ref, declaration.capability, facts.family, facts.shape),
            parameters = declaration.parameters,
            seed = recorder.seed,
            contrasts = sets,
            analyses = analyses,
            figures = recorder.figures.toList(),
        )

    private fun checkSettings() {
        val known = recorder.parameters.keys.toList()
        recorder.context.settings.keys
            .filter { it !in known }
            .mapTo(binding.mistakes) { Mistake.UnknownSetting(it, known) }
    }

    private fun checkNames() {
        val first = HashMap<String, Int?>()
        for (analysis in recorder.analyses) {
            if (analysis.name in first) {
                binding.mistakes += Mistake.SameName(analysis.line, analysis.name, first[analysis.name])
            } else {
                first[analysis.name] = analysis.line
            }
        }
    }

    /** Whether the model is of the script's kind; if not, nothing else about its parts is worth saying. */
    private fun checkKind(): Boolean {
        val model = recorder.models.firstOrNull() ?: return true
        val declared = model.type.simpleName
        val family =
            architectures
                .firstOrNull { it.family == facts.family && it.kind.simpleName == facts.capability }
                ?.type
                ?.simpleName
        if (declared != Capability::class.java.simpleName && declared != facts.capability && declared != family) {
            val line = model.place?.line
            binding.mistakes += Mistake.WrongKind(line, declared, facts.ref, facts.family, facts.capability)
            return false
        }
        recorder.contrasts
            .filterNot { it.kind.isAssignableFrom(model.type) }
            .mapTo(binding.mistakes) { Mistake.WrongContrasts(it.line, it.kind.simpleName, declared) }
        return true
    }

    private fun analysis(
        declared: DeclaredAnalysis,
        set: ContrastSetSpec,
    ): AnalysisSpec? =
        when (declared) {
            is DeclaredAnalysis.Sweep -> {
                sweeps.bind(declared, set)
            }

            is DeclaredAnalysis.Attribution -> {
                needs.foil(declared.line, "directLogitAttribution", set)
                AttributionSpec(declared.name, set.name, declared.line, run(declared, declared.run, set))
            }

            is DeclaredAnalysis.Attention -> {
                attention(declared, set)
            }

            is DeclaredAnalysis.Lens -> {
                if (declared.top < 1) {
                    binding.mistakes += Mistake.BadValue(declared.line, "top", "${declared.top}", "1 or more")
                }
                LogitLensSpec(declared.name, set.name, declared.line, declared.top, run(declared, declared.run, set))
            }

            is DeclaredAnalysis.Capture -> {
                sites.check(declared.line, declared.site)
                val run = run(declared, declared.run, set)
                CaptureSpec(declared.name, set.name, declared.line, declared.site.hook, run)
            }
        }

    private fun attention(
        declared: DeclaredAnalysis.Attention,
        set: ContrastSetSpec,
    ): AttentionSpec {
        val layers = (declared.layers ?: (0 until facts.shape.layers)).toList()
        if (layers.isEmpty()) binding.mistakes += Mistake.EmptyAxis(declared.line, "layers")
        layers.forEach { sites.check(declared.line, Attention(it).pattern.address) }
        return AttentionSpec(declared.name, set.name, declared.line, layers, run(declared, declared.run, set))
    }

    private fun run(
        declared: DeclaredAnalysis,
        run: Run,
        set: ContrastSetSpec,
    ) = run.toSpec(recorder.seed).also { needs.run(declared.line, declared.name, run, set) }
}
