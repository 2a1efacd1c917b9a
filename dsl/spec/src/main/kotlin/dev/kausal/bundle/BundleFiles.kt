package dev.kausal.bundle

import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Results
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.encodeToStream
import java.io.IOException
import java.nio.file.Path
import java.security.DigestOutputStream
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.io.path.createDirectories

/**
 * The contents of a bundle.
 *
 * @property scriptName file name of the script in it
 * @property pictures images as the model saw them, by their path in the bundle
 */
public data class BundleContents(
    val spec: ExperimentSpec,
    val results: Results,
    val environment: EnvironmentRecord,
    val report: String,
    val scriptName: String,
    val script: String,
    val pictures: Map<String, ByteArray> = emptyMap(),
)

/** The names of a bundle's files and the format of its JSON. */
public object BundleFiles {
    public const val SPEC: String = "spec.json"
    public const val RESULTS: String = "results.json"
    public const val ENVIRONMENT: String = "environment.json"
    public const val REPORT: String = "report.html"

    private val NOT_IN_NAMES = Regex("[^\\p{L}\\p{N}._-]+")

    /** Format for readers: indented. Defaults are written, so that a bundle is self-contained. */
    @OptIn(ExperimentalSerializationApi::class)
    public val pretty: Json =
        Json {
            prettyPrint = true
            prettyPrintIndent = "  "
            encodeDefaults = true
        }

    /** Format for numbers: compact. NaN and infinities are refused. */
    public val compact: Json = Json { encodeDefaults = true }

    /** Throws unless [folder] has the files that a reader of bundles needs. */
    public fun check(folder: Path) {
        val bundle = BundleFolder(folder)
        val missing = listOf(SPEC, RESULTS, ENVIRONMENT).firstOrNull { !bundle.has(it) } ?: return
        throw NotABundleException(folder, missing)
    }

    /** Replaces the page of the bundle in [folder] by [text], completely or not at all. Returns the page. */
    public fun replaceReport(folder: Path, text: String): Path = replace(folder.resolve(REPORT), text)

    /** Replaces [page] by [text], completely or not at all. Returns the page. */
    public fun replace(page: Path, text: String): Path = replace(page, text.encodeToByteArray())

    /** Replaces [file] by [contents], completely or not at all, in a new folder if it has none. Returns the file. */
    public fun replace(file: Path, contents: ByteArray): Path {
        try {
            file.toAbsolutePath().parent?.createDirectories()
            return WholeFiles.replace(file, contents)
        } catch (e: IOException) {
            throw BundleNotWritableException(file, e)
        }
    }

    /**
     * Writes the files of [contents], except pictures and arrays, to [folder]. Results, which may be long, are
     * streamed.
     */
    public fun write(
        contents: BundleContents,
        folder: Path,
    ) {
        val reserved = setOf(SPEC, RESULTS, ENVIRONMENT, REPORT)
        require(contents.scriptName !in reserved) { "a script cannot be called ${contents.scriptName} in a bundle" }
        val texts =
            mapOf(
                SPEC to pretty.encodeToString(ExperimentSpec.serializer(), contents.spec) + "\n",
                contents.scriptName to contents.script,
            ) + exports(contents)
        val results = writeResults(contents.results, folder.resolve(RESULTS))
        val pictures = contents.pictures.mapValues { sha256(it.value) }
        val arrays = contents.results.results.flatMap { it.files }
        val hashes = texts.mapValues { sha256(it.value.encodeToByteArray()) } + (RESULTS to results) + pictures + arrays
        val environment = contents.environment.copy(sha256 = hashes)
        val written = pretty.encodeToString(EnvironmentRecord.serializer(), environment) + "\n"
        (texts + mapOf(ENVIRONMENT to written, REPORT to contents.report)).forEach { (file, text) ->
            WholeFiles.create(folder.resolve(file)).use { it.write(text.encodeToByteArray()) }
        }
    }

    /** Scores of edges in MIB's format and attribution graphs in that of circuit-tracer, by file. */
    private fun exports(contents: BundleContents): Map<String, String> =
        contents.results.results.flatMap { result ->
            val name = plain(result.name)
            val mib = MibScores.of(result, contents.spec.model.config)?.let { "$name.mib.json" to it.text() }
            listOfNotNull(mib) + FeatureGraphFile.all(result, contents.spec, name).toList()
        }.toMap()

    private fun plain(name: String): String = name.replace(Regex("[^\\p{L}\\p{N}_-]+"), "-")

    /** Writes the file and returns its SHA-256. */
    @OptIn(ExperimentalSerializationApi::class)
    private fun writeResults(
        results: Results,
        file: Path,
    ): String {
        val digest = MessageDigest.getInstance("SHA-256")
        DigestOutputStream(WholeFiles.create(file).buffered(), digest).use { out ->
            val written = results.copy(results = results.results.map { it.written() })
            compact.encodeToStream(Results.serializer(), written, out)
            out.write('\n'.code)
        }
        return HexFormat.of().formatHex(digest.digest())
    }

    /** Returns [name] as a file name: letters, digits, `.`, `_` and `-`; [otherwise] if none of them are left. */
    internal fun fileName(name: String, otherwise: String): String =
        name.replace(NOT_IN_NAMES, "-").trim('-', '.').ifEmpty { otherwise }

    /** Returns the SHA-256 of [bytes] in hexadecimal digits. */
    public fun sha256(
        bytes: ByteArray,
    ): String = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
}
