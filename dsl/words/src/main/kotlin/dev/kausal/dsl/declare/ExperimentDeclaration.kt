package dev.kausal.dsl.declare

import dev.kausal.dsl.Model
import dev.kausal.dsl.bind.Binder
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.SubjectsSpec

/** An experiment as its script declares it, for any model. [bind] checks it against one. */
public class ExperimentDeclaration internal constructor(
    /** The experiment's name. */
    public val name: String,
    internal val recorder: Recorder,
) {
    /** The script's file name. */
    public val script: String get() = recorder.context.scriptName

    /** Parameters and their values, as text. */
    public val parameters: Map<String, String> get() = recorder.parameters.associate { it.name to it.value }

    /** Parameters in the order of the script, with their types and what they are for. */
    public val declaredParameters: List<DeclaredParameter> get() = recorder.parameters.toList()

    /** The model that the script names; throws [ScriptMistakes] if it names none or several. */
    public val modelRef: String get() = model().ref

    /** The kind of model that the script names, such as `CausalLm`. */
    public val capability: String get() = model().type.simpleName

    /**
     * The experiment for [model]: every mistake of the script is found here, and all are thrown together as
     * [ScriptMistakes].
     *
     * @param contrasts the sets as a run has stored them, in place of the script's own and of its files
     * @param subjects the same of samples that noise is measured in
     */
    public fun bind(
        model: ModelFacts,
        contrasts: List<ContrastSetSpec>? = null,
        subjects: List<SubjectsSpec>? = null,
    ): BoundExperiment = Binder(this, model, contrasts, subjects).bind()

    private fun model(): Model<*> {
        val mistakes = modelMistakes()
        if (mistakes.isNotEmpty()) throw ScriptMistakes(mistakes)
        return recorder.models.single()
    }

    internal fun modelMistakes(): List<Mistake> {
        val models = recorder.models
        if (models.isEmpty()) return listOf(Mistake.NoModel)
        return models.drop(1).map { Mistake.TwoModels(it.place?.line, models.first().ref, it.ref) }
    }
}
