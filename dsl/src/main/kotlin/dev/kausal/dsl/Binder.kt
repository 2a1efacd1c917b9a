package dev.kausal.dsl

import ai.djl.ndarray.NDArray
import dev.kausal.spec.ActivationMapsSpec
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.ModelSpec
import dev.kausal.spec.OmittedSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SubjectsSpec
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
    val watchers = Functions<Watcher>()

    /** The sets whose subjects noise is measured in. */
    val samples = LinkedHashSet<Inputs<*>>()
}

/** Makes the spec of a declaration for one model, or throws all of its mistakes. */
internal class Binder(
    private val declaration: ExperimentDeclaration,
    private val facts: ModelFacts,
    private val stored: List<ContrastSetSpec>? = null,
    private val subjects: List<SubjectsSpec>? = null,
) {
    private val recorder = declaration.recorder
    private val binding = Binding(facts, recorder.seed)
    private val needs = Needs(binding)
    private val sites = SiteChecks(binding)
    private val attention = AttentionBinder(binding)
    private val looks = LooksBinder(binding, attention)
    private val watching = WatchBinder(binding, attention)
    private val sweeps = SweepBinder(binding, needs, sites)
    private val studies = StudyBinder(binding, needs, sweeps, recorder.analyses)

    fun bind(): BoundExperiment {
        binding.mistakes += recorder.mistakes
        binding.mistakes += declaration.modelMistakes()
        checkSettings()
        checkNames()
        val fits = checkKind()
        val inputs = InputBinder(binding)
        val known = stored?.associateBy { it.name }.orEmpty()
        val sets = if (fits) used().associate { it.name to (known[it.name] ?: inputs.bind(it)) } else emptyMap()
        val analyses =
            if (fits) {
                recorder.analyses.filter(::applies).mapNotNull { analysis(it, sets.getValue(it.inputs.name)) }
            } else {
                emptyList()
            }
        studies.compare(analyses, sets)
        val samples = binding.samples.map { set -> subjects?.find { it.name == set.name } ?: inputs.subjects(set) }
        if (binding.mistakes.isNotEmpty()) throw ScriptMistakes(binding.mistakes.toList())
        return BoundExperiment(
            spec(sets.values.toList(), analyses, samples),
            binding.activations.toList(),
            binding.metrics.toList(),
            inputs.images,
            binding.watchers.toList(),
        )
    }

    /** Whether [declared], a part of the declaration, is for this kind of model. */
    private fun applies(declared: Any): Boolean =
        recorder.kindOf(declared)?.let { facts.isA(it) } ?: true

    private fun spec(
        sets: List<ContrastSetSpec>,
        analyses: List<AnalysisSpec>,
        samples: List<SubjectsSpec>,
    ): ExperimentSpec =
        ExperimentSpec(
            name = declaration.name,
            script = declaration.script,
            model =
                ModelSpec(
                    ref = facts.ref,
                    capability = declaration.capability,
                    family = facts.family,
                    config = facts.shape,
                    classes = facts.classes,
                    warnings = facts.warnings,
                ),
            parameters = declaration.parameters,
            seed = recorder.seed,
            contrasts = sets,
            analyses = analyses,
            figures = recorder.figures.filter(::applies),
            omitted =
                recorder.analyses.filterNot(::applies).map {
                    OmittedSpec(it.name, recorder.kindOf(it)!!.simpleName)
                },
            inference = recorder.inference,
            subjects = samples,
        )

    /** Sets that others were made from are left out where nothing else asks for them. */
    private fun used(): List<Inputs<*>> {
        val parents = recorder.inputs.mapNotNull { it.parent }
        val asked = recorder.analyses.map { it.inputs }
        return recorder.inputs.filter(::applies).filter { it !in parents || it in asked }
    }

    private fun checkSettings() {
        val known = recorder.parameters.map { it.name }
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
        if (!facts.isA(model.type)) {
            val line = model.place?.line
            val declared = model.type.simpleName
            binding.mistakes += Mistake.WrongKind(line, declared, facts.ref, facts.family, facts.capability)
            return false
        }
        val wrong =
            recorder.inputs.filter {
                applies(it) && recorder.kindOf(it) == null && !it.kind.isAssignableFrom(model.type)
            }
        wrong.mapTo(binding.mistakes) {
            Mistake.WrongContrasts(it.line, it.name.substringBefore('-'), it.kind.simpleName, model.type.simpleName)
        }
        return wrong.isEmpty()
    }

    private fun analysis(
        declared: DeclaredAnalysis,
        set: ContrastSetSpec,
    ): AnalysisSpec? =
        when (declared) {
            is DeclaredAnalysis.Sweep -> {
                sweeps.bind(declared, set)
            }

            is DeclaredAnalysis.Study -> {
                studies.bind(declared, set)
            }

            is DeclaredAnalysis.Attribution -> {
                needs.foil(declared.line, "directLogitAttribution", set)
                AttributionSpec(declared.name, set.name, declared.line, run(declared, declared.run, set))
            }

            is DeclaredAnalysis.Attention -> {
                attention.bind(declared, set, run(declared, declared.run, set))
            }

            is DeclaredAnalysis.OfAttention -> {
                looks.bind(declared, set)
            }

            is DeclaredAnalysis.Debug -> {
                looks.bind(declared, set)
            }

            is DeclaredAnalysis.Watch -> {
                watching.bind(declared, set, run(declared, declared.run, set))
            }

            is DeclaredAnalysis.ActivationMaps -> {
                val layers = attention.layers(declared.line, declared.layers)
                ActivationMapsSpec(declared.name, set.name, declared.line, layers, declared.of)
            }

            is DeclaredAnalysis.Agreement -> {
                looks.bind(declared, set, recorder.analyses)
            }

            is DeclaredAnalysis.Lens -> {
                val tokens = facts.shape.vocabulary
                if (declared.top !in 1..tokens) {
                    val expected = "1 to the number of tokens, $tokens"
                    binding.mistakes += Mistake.BadValue(declared.line, "top", "${declared.top}", expected)
                }
                LogitLensSpec(declared.name, set.name, declared.line, declared.top, run(declared, declared.run, set))
            }

            is DeclaredAnalysis.Capture -> {
                sites.check(declared.line, declared.site)
                needs.run(declared.line, declared.name, declared.run, set)
                val run = declared.run.toSpec(recorder.seed)
                CaptureSpec(declared.name, set.name, declared.line, declared.site.hook, run)
            }
        }

    /** The run that a reading is of, which shows one run: a noised one is as many as it has draws. */
    private fun run(
        declared: DeclaredAnalysis,
        run: Run,
        set: ContrastSetSpec,
    ): RunSpec {
        if (run is NoisedRun) {
            val expected = "clean or corrupted; noised runs are for sweeps, and for capture of any site"
            binding.mistakes += Mistake.BadValue(declared.line, "the run of ${declared.name}", "$run", expected)
        } else {
            needs.run(declared.line, declared.name, run, set)
        }
        return run.toSpec(recorder.seed)
    }
}
