package dev.kausal.experiments.certify

import dev.kausal.engine.certify.Reference
import dev.kausal.engine.errors.KausalException
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** A model and the file of what its reference computed. */
internal data class Referenced(
    val model: String,
    val reference: Path,
)

/** The models of a folder that have a reference. */
internal object References {
    private const val DUMP = "dump.safetensors"

    /**
     * Model folders that hold their dump, GGUF files beside such a folder that are named after it, and dumps that name
     * a model themselves.
     */
    fun of(folder: Path): List<Referenced> {
        if (!folder.isDirectory()) throw NoReferencesException(folder, "is no folder")
        val found = folder.listDirectoryEntries().sortedBy { it.name }.flatMap(::at)
        if (found.isEmpty()) throw NoReferencesException(folder, "holds no model with a $DUMP, and no dump of a model")
        return found
    }

    private fun at(entry: Path): List<Referenced> {
        val dump = entry.resolve(DUMP)
        val gguf = entry.resolveSibling("${entry.name}.gguf")
        return when {
            dump.exists() -> listOfNotNull(entry, gguf.takeIf { it.exists() }).map { Referenced("$it", dump) }
            entry.extension != "safetensors" -> emptyList()
            else -> listOfNotNull(Reference.read(entry).model().orElse(null)).map { Referenced(it, entry) }
        }
    }
}

/** `--all` names a place without models that could be compared. */
internal class NoReferencesException(
    val folder: Path,
    found: String,
) : KausalException(
        Blame.USER,
        "$folder $found. Name a folder of model folders, each with what bench/make_tiny_models.py or " +
            "bench/dump_reference.py wrote.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
