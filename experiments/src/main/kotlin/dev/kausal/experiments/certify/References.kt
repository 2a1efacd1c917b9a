package dev.kausal.experiments.certify

import dev.kausal.engine.certify.Reference
import dev.kausal.engine.errors.KausalException
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** A model and the file of its reference values. */
internal data class Referenced(
    val model: String,
    val reference: Path,
)

/** The models in a folder that have reference values. */
internal object References {
    private const val DUMP = "dump.safetensors"

    /**
     * Returns model folders with their dump, GGUF files beside such a folder and named after it, and models named by
     * dumps.
     */
    fun of(folder: Path): List<Referenced> {
        if (!folder.isDirectory()) throw NoReferencesException(folder, "is not a folder")
        val found = folder.listDirectoryEntries().sortedBy { it.name }.flatMap(::at)
        if (found.isEmpty()) throw NoReferencesException(folder, "has neither models with a $DUMP nor dumps of models")
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

/** `--all` names a place without models to compare. */
internal class NoReferencesException(
    val folder: Path,
    found: String,
) : KausalException(
        Blame.USER,
        "$folder $found. Name a folder of model folders with references by bench/make_tiny_models.py or " +
            "bench/dump_reference.py.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
