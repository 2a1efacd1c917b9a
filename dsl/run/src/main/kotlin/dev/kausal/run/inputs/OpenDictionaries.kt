package dev.kausal.run.inputs

import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.features.Dictionary
import dev.kausal.engine.features.DictionaryFile
import dev.kausal.run.backend.Backend
import dev.kausal.spec.DictionarySpec
import java.nio.file.Path
import java.util.function.Supplier

/** The dictionaries of a run, each read on first use and kept until this is closed. */
internal class OpenDictionaries private constructor(
    size: Int,
    private val load: (Int) -> Dictionary,
) : AutoCloseable {
    private val entries = List(size) { Entry(it) }

    /** Reads [specs] from their [files], for the model of [backend]. */
    constructor(
        specs: List<DictionarySpec>,
        files: List<Path>,
        backend: Backend,
    ) : this(specs.size, { loaded(specs[it], files[it], backend) })

    /** Returns the dictionary of number [index]; the same supplier for the same number. */
    operator fun get(index: Int): Supplier<Dictionary> = entries.getOrNull(index) ?: NOT_LOADED

    override fun close(): Unit = entries.forEach { it.close() }

    private inner class Entry(
        private val index: Int,
    ) : Supplier<Dictionary> {
        private var loaded: Dictionary? = null

        @Synchronized
        override fun get(): Dictionary = loaded ?: load(index).also { loaded = it }

        @Synchronized
        fun close() {
            loaded?.close()
            loaded = null
        }
    }

    companion object {
        private val NOT_LOADED = Supplier<Dictionary> { error("plans are laid out without weights of dictionaries") }

        /** No dictionaries: plans that edit features can be laid out but not run. */
        val NONE: OpenDictionaries = OpenDictionaries(0) { error("no dictionaries") }

        private fun loaded(
            spec: DictionarySpec,
            path: Path,
            backend: Backend,
        ): Dictionary =
            DictionaryFile.open(path).use { file ->
                val hash = file.sha256()
                if (hash != spec.sha256) throw DictionaryChangedException(spec, hash)
                backend.local("The dictionary '${spec.ref}'").dictionary(file, spec.site)
            }
    }
}

/** A dictionary whose weights differ from those that the experiment was bound to. */
internal class DictionaryChangedException(
    spec: DictionarySpec,
    found: String,
) : KausalException(
        Blame.USER,
        "The dictionary '${spec.ref}' has other weights than those of the experiment: expected SHA-256 " +
            "${spec.sha256}, found $found. Restore the file, or run the experiment again.",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L
    }
}
