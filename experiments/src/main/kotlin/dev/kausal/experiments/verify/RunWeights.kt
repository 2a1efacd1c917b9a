package dev.kausal.experiments.verify

import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.source.ModelFiles
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.spec.ModelSpec
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.isDirectory
import kotlin.io.path.isRegularFile
import kotlin.streams.asSequence

/** Finds the weights of a run again: under the name that it gave them, else by their hash in the caches. */
internal object RunWeights {
    /** Kausal's caches and the Hub's are no deeper. */
    private const val DEPTH = 6

    /**
     * The model that [run] names, or the one that [given] names in its place. Where neither name leads to a model any more,
     * the caches are searched for the same weights.
     *
     * @throws WeightsGoneException where these are nowhere
     */
    fun of(
        run: ModelSpec,
        given: String?,
        context: SourceContext,
    ): ModelFiles {
        if (given != null) return ModelSources.resolve(given, context)
        val missing =
            try {
                return ModelSources.resolve(run.ref, context)
            } catch (e: KausalException) {
                e
            }
        val folders = listOf(context.cacheDir(), context.hubCache())
        val found =
            folders.firstNotNullOfOrNull { search(it, run) } ?: throw WeightsGoneException(run, folders, missing)
        context.progress().accept("${run.ref} is not there any more; its weights are at $found, found by their SHA-256")
        return ModelFiles(found.toString(), found)
    }

    /** The model in [folder] or below it whose weights have the run's hash; headers are compared before whole files. */
    private fun search(
        folder: Path,
        run: ModelSpec,
    ): Path? {
        if (!folder.isDirectory()) return null
        return Files.walk(folder, DEPTH).use { paths ->
            paths.asSequence().filter(::isModel).sorted().firstOrNull { matches(it, run) }
        }
    }

    private fun isModel(path: Path): Boolean =
        if (path.isRegularFile()) path.extension == "gguf" else path.resolve("config.json").exists()

    private fun matches(
        path: Path,
        run: ModelSpec,
    ): Boolean =
        try {
            ModelSource.open(path).use { source ->
                val config = source.config()
                val sizes = listOf(config.layers(), config.heads(), config.dModel(), config.vocabulary())
                val own = listOf(run.config.layers, run.config.heads, run.config.dModel, run.config.vocabulary)
                config.family() == run.family && sizes == own && source.sha256() == run.sha256
            }
        } catch (_: KausalException) {
            // Something else that lies in a cache.
            false
        }
}

/** The weights of a run are neither where it had them nor in a cache. */
internal class WeightsGoneException(
    run: ModelSpec,
    folders: List<Path>,
    cause: KausalException,
) : KausalException(
        Blame.USER,
        "The weights of the run, ${run.ref} with SHA-256 ${run.sha256}, are not there any more, and not in " +
            "${folders.joinToString(" or ")}. Name where they are: --model PATH. (${cause.message})",
        cause,
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
