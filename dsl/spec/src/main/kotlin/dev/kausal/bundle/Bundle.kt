package dev.kausal.bundle

import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Results
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.KSerializer
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.decodeFromStream
import java.io.ByteArrayInputStream
import java.io.IOException
import java.io.InputStream
import java.io.SequenceInputStream
import java.nio.file.Files
import java.nio.file.Path

/**
 * A finished run, as a report needs it.
 *
 * @property spec what was computed
 * @property results every number of the run
 * @property environment where and how the numbers were computed
 * @property script text of the script that made [spec]
 * @property pictures PNG files of the images as the model saw them, by [dev.kausal.spec.ImageSpec.picture]
 */
public data class Bundle(
    val spec: ExperimentSpec,
    val results: Results,
    val environment: EnvironmentRecord,
    val script: String,
    val pictures: Map<String, ByteArray> = emptyMap(),
) {
    public companion object {
        /**
         * Reads the bundle in [folder]. Numbers in files of arrays are mapped, not read; links in it are never
         * followed.
         *
         * @param checked whether to check the files of arrays against their hashes
         * @throws BundleUnreadableException if a file is missing, malformed, or of a newer schema
         */
        public fun read(
            folder: Path,
            checked: Boolean = true,
        ): Bundle {
            if (!Files.isDirectory(folder)) {
                throw BundleUnreadableException("$folder is not a folder. Name a folder that 'kausal run' wrote.")
            }
            val files = BundleFolder(folder)
            val spec = files.decode(BundleFiles.SPEC, ExperimentSpec.serializer()) { it.schema }
            val plain = spec.script.isNotBlank() && spec.script.none { it in "/\\\u0000" } && spec.script != ".."
            if (!plain) {
                throw BundleUnreadableException(
                    "spec.json in $folder names the script '${spec.script}', which is not a file name.",
                )
            }
            val written = files.decode(BundleFiles.RESULTS, Results.serializer()) { it.schema }
            val results = written.copy(results = written.results.map { ArrayFolder.attached(folder, it, checked) })
            BundleConsistency.violation(spec, results)?.let {
                throw BundleUnreadableException("The bundle $folder: $it.")
            }
            val pictures = spec.contrasts.flatMap { set ->
                set.contrasts.flatMap { listOfNotNull(it.clean, it.corrupted) }
            }
            return Bundle(
                spec,
                results,
                files.decode(BundleFiles.ENVIRONMENT, EnvironmentRecord.serializer()) { it.schema },
                files.text(spec.script),
                pictures.mapNotNull { it.image?.picture }.distinct().associateWith { files.picture(it) },
            )
        }
    }
}

private val bundleJson: Json = Json { ignoreUnknownKeys = true }

private val PICTURE = Regex("images/[0-9a-f]{16}\\.png")
private val PNG = listOf(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
private const val BYTE = 0xff

private fun BundleFolder.picture(name: String): ByteArray {
    if (!PICTURE.matches(name)) {
        throw BundleUnreadableException("spec.json in $path names the picture '$name', which Kausal does not write.")
    }
    val content = bytes(name)
    val start = content.take(PNG.size).map { it.toInt() and BYTE }
    if (start != PNG) throw BundleUnreadableException("${path.resolve(name)} is not a PNG image.")
    return content
}

/** Only the schema of a file. */
@Serializable
private class Versioned(
    val schema: Int = ExperimentSpec.SCHEMA,
)

/** Decodes a file once, since a long one takes a while. If decoding fails because the schema is newer, says so. */
private fun <T> BundleFolder.decode(
    name: String,
    serializer: KSerializer<T>,
    schema: (T) -> Int,
): T {
    val decoded =
        try {
            read(name, serializer)
        } catch (e: BundleUnreadableException) {
            requireKnown(name, read(name, Versioned.serializer()).schema)
            throw e
        }
    requireKnown(name, schema(decoded))
    return decoded
}

private fun BundleFolder.requireKnown(
    name: String,
    schema: Int,
) {
    if (schema > ExperimentSpec.SCHEMA) {
        val most = ExperimentSpec.SCHEMA
        throw BundleUnreadableException(
            "${path.resolve(name)} has schema $schema, but this version of Kausal reads up to $most. " +
                "Install a newer Kausal.",
        )
    }
}

/** Decodes a file while reading it, since its text may exceed the memory; a spec from its text. */
@OptIn(ExperimentalSerializationApi::class)
private fun <T> BundleFolder.read(
    name: String,
    serializer: KSerializer<T>,
): T {
    val file = path.resolve(name)
    return try {
        open(name).use { stream ->
            if (name == BundleFiles.SPEC) {
                spec(stream, serializer)
            } else {
                bundleJson.decodeFromStream(serializer, stream.buffered())
            }
        }
    } catch (e: IOException) {
        throw BundleUnreadableException("$file cannot be read: ${e.message}", e)
    } catch (e: IllegalArgumentException) {
        // Includes decoder errors, whose further lines quote the file.
        throw BundleUnreadableException("$file is not a valid $name: ${e.message.orEmpty().lines().first()}", e)
    }
}

/** Bytes of a longer spec are decoded while they are read. */
private const val LONGEST_TEXT = 1 shl 29

/**
 * Decodes a spec from its text: from a stream, the decoder would make a tree of each analysis, with several times the memory of the
 * text.
 */
@OptIn(ExperimentalSerializationApi::class)
private fun <T> spec(
    stream: InputStream,
    serializer: KSerializer<T>,
): T {
    val bytes = stream.readNBytes(LONGEST_TEXT)
    return if (bytes.size < LONGEST_TEXT) {
        bundleJson.decodeFromString(serializer, bytes.decodeToString())
    } else {
        bundleJson.decodeFromStream(serializer, SequenceInputStream(ByteArrayInputStream(bytes), stream))
    }
}
