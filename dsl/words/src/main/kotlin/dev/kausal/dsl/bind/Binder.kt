package dev.kausal.dsl.bind

import dev.kausal.dsl.Inputs
import dev.kausal.dsl.MeasuredRun
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.ModelSpec
import dev.kausal.spec.OmittedSpec
import dev.kausal.spec.SubjectsSpec

/** Binds a declaration to one model: returns its spec, or throws all of its mistakes. */
internal class Binder(
    private val declaration: ExperimentDeclaration,
    private val facts: ModelFacts,
    private val stored: List<ContrastSetSpec>? = null,
    private val subjects: List<SubjectsSpec>? = null,
) {
    private val recorder = declaration.recorder
    private val binding: Binding = Binding(facts, recorder.seed, recorder.analyses, recorder.inference) { set(it) }
    private val inputs by lazy { InputBinder(binding) }
    private val sets = LinkedHashMap<String, ContrastSetSpec>()

    fun bind(): BoundExperiment {
        binding.mistakes += recorder.mistakes
        binding.mistakes += declaration.modelMistakes()
        checkSettings()
        checkNames()
        val fits = checkKind()
        if (fits) bind(used())
        val tokens = if (fits) TokenBinder(binding).bind(recorder.tokens.filter(::applies)) else emptyList()
        val analyses = if (fits) analyses(sets) else emptyList()
        sets.values.filter { it.name !in binding.continued }.forEach { binding.needs.oneToken(null, it.shown, it) }
        val samples = binding.samples.map { set -> subjects?.find { it.name == set.name } ?: inputs.subjects(set) }
        if (binding.mistakes.isNotEmpty()) throw ScriptMistakes(binding.mistakes.toList())
        return BoundExperiment(
            spec(sets.values.toList(), analyses, samples).copy(tokens = tokens),
            binding.activations.toList(),
            binding.metrics.toList().map { of -> { logits, example -> of(MeasuredRun(example), logits) } },
            inputs.images,
            binding.watchers.toList(),
            binding.dictionaries.all.map { it.path },
        )
    }

    /** Returns the set as the model reads it, bound once. */
    private fun set(
        of: Inputs<*>,
        label: String? = of.label,
    ): ContrastSetSpec =
        sets.getOrPut(of.name) { stored?.find { it.name == of.name } ?: inputs.bind(of).copy(label = label) }

    /** Returns whether [declared], a part of the declaration, applies to this kind of model. */
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
            vectors = binding.vectors.keys.toList(),
            dictionaries = binding.dictionaries.all.map { it.spec },
            findings = recorder.findings.map { it.name }.filter { name -> analyses.any { owns(it.name, name) } },
        )

    /** Returns whether the result called [result] is one of the analysis called [analysis]. */
    private fun owns(
        analysis: String,
        result: String,
    ): Boolean = result == analysis || result.startsWith("$analysis.")

    /** Returns the sets in use; sets that others were derived from are left out unless an analysis uses them. */
    private fun used(): List<Inputs<*>> {
        val parents = recorder.inputs.mapNotNull { it.parent }
        val asked = recorder.analyses.map { it.inputs }
        return recorder.inputs.filter(::applies).filter { it !in parents || it in asked }
    }

    /** Binds the sets; adds their ids to names that the script gives to several, as in a loop. */
    private fun bind(used: List<Inputs<*>>) {
        val shared = used.groupBy { it.label }.filterValues { it.size > 1 }.keys
        used.forEach { set(it, if (it.label in shared) it.label?.let { label -> "$label (${it.name})" } else it.label) }
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

    /** Returns whether the model is of the script's kind; if not, nothing else needs reporting. */
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
            Mistake.WrongContrasts(it.line, it.word, it.kind.simpleName, model.type.simpleName)
        }
        return wrong.isEmpty()
    }

    private fun analyses(sets: Map<String, ContrastSetSpec>): List<AnalysisSpec> {
        val declared = recorder.analyses.filter(::applies)
        val specs = declared.mapNotNull { it.bind(binding, sets.getValue(it.inputs.name)) }
        val byName = specs.associateBy { it.name }
        declared.forEach { it.compare(binding, byName, sets) }
        if (binding.mistakes.isEmpty()) {
            binding.choicesOf(specs)
            binding.leftOut(byName.keys)
        }
        return specs
    }
}
