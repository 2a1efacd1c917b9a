package dev.kausal.dsl.declare

import dev.kausal.dsl.Model
import dev.kausal.dsl.bind.Binder
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.SubjectsSpec
import java.nio.file.Path

/** An experiment as declared by its script, for any model. [bind] checks it against one. */
public class ExperimentDeclaration internal constructor(
    /** The experiment's name. */
    public val name: String,
    internal val recorder: Recorder,
) {
    /** The script's file name. */
    public val script: String get() = context.scriptName

    /** The script in which it was declared. */
    public val context: ScriptContext get() = recorder.context

    /** Parameters and their values, as text. */
    public val parameters: Map<String, String> get() = recorder.parameters.associate { it.name to it.value }

    /** Parameters in the order of the script, with types and descriptions. */
    public val declaredParameters: List<DeclaredParameter> get() = recorder.parameters.toList()

    /** Files and folders that the script names as its inputs. */
    public val files: Set<Path> get() = recorder.context.files

    /** The script's model reference; throws [ScriptMistakes] if there is none, or several. */
    public val modelRef: String get() = model().ref

    /** The script's kind of model, such as `CausalLm`. */
    public val capability: String get() = model().type.simpleName

    /**
     * Returns the experiment for [model]; all mistakes of the script are found here and thrown together as
     * [ScriptMistakes].
     *
     * @param contrasts sets as stored by a run, in place of the script's own and its files
     * @param subjects stored samples that noise is measured in, likewise
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
