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

/** Finds the weights of a run: under its model reference, or else by their hash in the caches. */
internal object RunWeights {
    /** Depth of Kausal's and the Hub's caches. */
    private const val DEPTH = 6

    /**
     * Returns the model of [run], or [given] in its place. If neither reference leads to a model, the caches are
     * searched for the same weights.
     *
     * @throws WeightsGoneException if they are not found
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
        context.progress().accept("${run.ref} no longer exists; weights found by their SHA-256 at $found")
        return ModelFiles(found.toString(), found)
    }

    /**
     * Returns the model in or below [folder] whose weights have the run's hash; headers are compared before whole
     * files.
     */
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
            // Another file in the cache.
            false
        }
}

/** The weights of a run are neither at their original place nor in a cache. */
internal class WeightsGoneException(
    run: ModelSpec,
    folders: List<Path>,
    cause: KausalException,
) : KausalException(
        Blame.USER,
        "The weights of the run, ${run.ref} with SHA-256 ${run.sha256}, no longer exist there, nor in " +
            "${folders.joinToString(" or ")}. Pass their location: --model PATH. (${cause.message})",
        cause,
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
