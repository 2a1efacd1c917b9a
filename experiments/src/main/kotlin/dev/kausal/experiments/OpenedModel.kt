package dev.kausal.experiments

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.dsl.bind.ModelImages
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.source.Devices
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext

/**
 * Opens the script's model, or its replacement, without reading weights. If it [computes], its device must be there.
 */
internal fun <T> opened(
    script: EvaluatedScript,
    options: RunOptions,
    say: (String) -> Unit,
    computes: Boolean = true,
    use: (ModelSource, ExperimentDeclaration, String) -> T,
): T {
    val declaration = script.declaration as ExperimentDeclaration
    val ref = options.model ?: declaration.modelRef
    val context = SourceContext.ofProcess(false) { say(it) }
    if (computes) Devices.ready(options.device, context)
    val files = ModelSources.resolve(ref, context)
    return ModelSource.open(files.path(), options.device).use {
        it.warnings().forEach(say)
        use(it, declaration, ref)
    }
}

/** Checks [declaration] against the model. */
internal fun bind(declaration: ExperimentDeclaration, ref: String, source: ModelSource): BoundExperiment =
    declaration.bind(facts(ref, source))

internal fun facts(ref: String, source: ModelSource): ModelFacts = ModelFacts.of(ref, source, images(ref, source))

/** Returns how files become the model's inputs; null if it reads tokens, in which case it needs a tokenizer. */
internal fun images(ref: String, source: ModelSource): ModelImages? {
    if (!source.config().readsImages()) {
        if (source.tokenizer() == null) throw NoTokenizerException(ref)
        return null
    }
    return ModelImages(source.config(), source.preprocessing().orElseThrow { NoPreprocessingException(ref) })
}
