package dev.kausal.experiments.study

import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.errors.KausalException.Blame
import dev.kausal.engine.names.NearestNames
import dev.kausal.engine.source.CacheUnusable
import dev.kausal.experiments.script.ScriptSource
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.writeBytes

/** A shipped script. [files] are its resources, including the script. */
@Serializable
internal data class Study(
    val name: String,
    val summary: String,
    val files: List<String>,
)

/**
 * The shipped studies: resources under `studies/`, listed in `studies/index.json`.
 *
 * A study is extracted before it runs, because a script reads its data from its own folder. The folder's name includes
 * a hash of the contents, so that an update never mixes with an older copy.
 *
 * @param folder folder for extracted studies
 */
internal class Studies(
    private val folder: Path,
) {
    /** All studies, in the order of the index. */
    val all: List<Study> by lazy { Json.decodeFromString<List<Study>>(bytes("index.json").decodeToString()) }

    /** Returns the script of the study called [name]. */
    fun open(name: String): ScriptSource {
        val study = all.find { it.name == name } ?: throw UnknownStudyException.of(name, all)
        val contents = study.files.associateWith { bytes("${study.name}/$it") }
        val target = folder.resolve("${study.name}-${fingerprint(contents)}")
        try {
            target.createDirectories()
            contents.forEach { (file, bytes) -> place(target.resolve(file), bytes) }
        } catch (e: IOException) {
            throw CacheUnusable(folder, e)
        }
        return ScriptSource.read(target.resolve(study.name + ScriptSource.SUFFIX))
    }

    private fun place(file: Path, bytes: ByteArray) {
        file.parent.createDirectories()
        if (file.exists() && Files.readAllBytes(file).contentEquals(bytes)) return
        val partial = Files.createTempFile(file.parent, "study-", ".partial")
        try {
            partial.writeBytes(bytes)
            Files.move(partial, file, ATOMIC_MOVE, REPLACE_EXISTING)
        } finally {
            partial.deleteIfExists()
        }
    }

    private fun bytes(path: String): ByteArray =
        checkNotNull(Studies::class.java.getResourceAsStream("/studies/$path")) { "no resource studies/$path" }
            .use { it.readBytes() }

    private fun fingerprint(contents: Map<String, ByteArray>): String {
        val digest = MessageDigest.getInstance("SHA-256")
        contents.forEach { (file, bytes) ->
            digest.update("$file ${bytes.size}\n".toByteArray())
            digest.update(bytes)
        }
        return HexFormat.of().formatHex(digest.digest()).take(12)
    }
}

/** A name that is neither a file nor a study. */
internal class UnknownStudyException(
    val name: String,
    val nearest: String?,
    val known: List<String>,
) : KausalException(
        Blame.USER,
        "There is no script file and no study called '$name'." +
            nearest?.let { " Did you mean '$it'?" }.orEmpty() +
            " Studies: ${known.joinToString()}. A script is a file whose name ends with ${ScriptSource.SUFFIX}.",
    ) {
    companion object {
        private const val serialVersionUID = 1L

        fun of(name: String, studies: List<Study>): UnknownStudyException {
            val known = studies.map(Study::name)
            return UnknownStudyException(name, NearestNames.meant(name, known).orElse(null), known)
        }
    }
}
