package dev.kausal.experiments.verify

import dev.kausal.bundle.Bundle
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.spec.DictionarySpec
import java.nio.file.Path
import kotlin.io.path.exists

/**
 * Finds the dictionaries of a run: where the run read them, or else under the script's reference. Their hashes are checked
 * when they are read.
 */
internal object RunDictionaries {
    /** Returns the files of the dictionaries of [bundle], in their order. */
    fun of(bundle: Bundle): List<Path> =
        bundle.spec.dictionaries.mapIndexed { i, spec -> found(spec, bundle.environment.dictionaries.getOrNull(i)) }

    private fun found(
        spec: DictionarySpec,
        recorded: String?,
    ): Path =
        recorded?.let(Path::of)?.takeIf { it.exists() }
            ?: ModelSources.dictionary(spec.ref, SourceContext.ofProcess(true) {})
}
