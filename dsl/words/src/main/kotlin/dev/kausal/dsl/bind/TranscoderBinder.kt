package dev.kausal.dsl.bind

import dev.kausal.dsl.Dictionary
import dev.kausal.dsl.Transcoders
import dev.kausal.dsl.mistakes.FeatureMistake
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** Finds the transcoder of each layer in a set. */
internal class TranscoderBinder(
    private val binding: Binding,
) {
    private val mistakes get() = binding.mistakes

    /** Returns the transcoders of [set], one per layer in order; null, with mistakes, if it lacks some. */
    fun layers(
        set: Transcoders,
        line: Int?,
    ): List<BoundDictionary>? {
        val why = binding.facts.whyNoGraph
        if (why != null) {
            mistakes += FeatureMistake.NoGraph(line, binding.facts.family, why)
            return null
        }
        val before = mistakes.size
        val bound = members(set).mapNotNull { binding.dictionaries.of(it) }
        bound.filterNot { it.linear }.mapTo(mistakes) { FeatureMistake.Rescales(set.script?.line, it.spec.ref) }
        if (mistakes.size > before) return null
        val byLayer = bound.groupBy { layer(it, set) }
        byLayer.filterValues { it.size > 1 }.forEach { (layer, two) ->
            mistakes +=
                FeatureMistake.TwoOfLayer(set.script?.line, two[0].spec.ref, two[1].spec.ref, layer ?: return null)
        }
        val layers = binding.facts.shape.layers
        val missing = (0 until layers).filter { it !in byLayer.keys }
        if (missing.isNotEmpty() && mistakes.size == before) {
            mistakes += FeatureMistake.MissingLayers(set.script?.line, "$set", missing, layers)
        }
        if (mistakes.size > before) return null
        return (0 until layers).map { byLayer.getValue(it).single() }
    }

    /** Returns the layer whose MLP [bound] stands for; null, with a mistake, if it stands for none. */
    private fun layer(
        bound: BoundDictionary,
        set: Transcoders,
    ): Int? {
        val line = set.script?.line
        val writes = bound.spec.writes
        if (writes == null) {
            mistakes += FeatureMistake.NotATranscoder(line, bound.spec.ref, bound.spec.site)
            return null
        }
        val layer = binding.facts.point(writes)?.layer()
        if (layer == null || layer != bound.address.layer || !writes.endsWith(MLP_OUT)) {
            mistakes += FeatureMistake.OtherPlaces(line, bound.spec.ref, bound.spec.site, writes)
            return null
        }
        return layer
    }

    private fun members(set: Transcoders): List<Dictionary> {
        val ref = set.ref ?: return set.given
        val line = set.script?.line
        return try {
            val folder = ModelSources.dictionary(ref, set.folder, SourceContext.ofProcess(true) {})
            names(folder).map {
                Dictionary(ref.trimEnd('/') + separator(ref) + it, null, set.script, set.folder)
            }.ifEmpty {
                mistakes += FeatureMistake.NoTranscoders(line, ref, held(folder))
                emptyList()
            }
        } catch (e: KausalException) {
            mistakes += FeatureMistake.Unusable(line, ref, e.message.orEmpty())
            emptyList()
        }
    }

    /** `hf:org/name` has its folders after a colon. */
    private fun separator(ref: String) = if (ref.startsWith("hf:") && ref.count { it == ':' } == 1) ":" else "/"

    private fun names(folder: Path): List<String> {
        if (!folder.isDirectory()) return emptyList()
        val entries = entries(folder)
        val files = entries.map { it.name }.filter { FILE.matches(it) }
        return files.ifEmpty { entries.filter { it.isDirectory() && !it.name.startsWith(".") }.map { it.name } }
            .sortedWith(compareBy({ it.length }, { it }))
    }

    private fun entries(folder: Path): List<Path> =
        try {
            folder.listDirectoryEntries()
        } catch (_: IOException) {
            emptyList()
        }

    private fun held(folder: Path): String =
        when {
            !folder.isDirectory() -> "no folder"
            entries(folder).any { it.name.startsWith("W_enc_") } -> "cross-layer transcoders, which are not supported"
            else -> entries(folder).map { it.name }.sorted().take(NAMED).joinToString().ifEmpty { "an empty folder" }
        }

    private companion object {
        const val MLP_OUT = "hook_mlp_out"
        const val NAMED = 6
        val FILE = Regex("layer_\\d+\\.safetensors")
    }
}
