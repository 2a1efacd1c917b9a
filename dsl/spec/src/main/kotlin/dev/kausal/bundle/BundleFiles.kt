package dev.kausal.bundle

import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Results
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.KSerializer
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.encodeToStream
import java.io.IOException
import java.io.OutputStream
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
     * Writes the files of [contents], except pictures and arrays, to [folder]. Spec and results, which may be long, are
     * streamed.
     */
    public fun write(
        contents: BundleContents,
        folder: Path,
    ) {
        val reserved = setOf(SPEC, RESULTS, ENVIRONMENT, REPORT)
        require(contents.scriptName !in reserved) { "a script cannot be called ${contents.scriptName} in a bundle" }
        val texts = mapOf(contents.scriptName to contents.script) + exports(contents)
        val spec = written(pretty, ExperimentSpec.serializer(), contents.spec, folder.resolve(SPEC))
        val results = contents.results.let { all -> all.copy(results = all.results.map { it.written() }) }
        val hash = written(compact, Results.serializer(), results, folder.resolve(RESULTS))
        val pictures = contents.pictures.mapValues { sha256(it.value) }
        val arrays = contents.results.results.flatMap { it.files }
        val hashes = mapOf(SPEC to spec) + texts.mapValues { sha256(it.value.encodeToByteArray()) } +
            (RESULTS to hash) + pictures + arrays
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

    /** Writes [value] and a line end to [file]; returns the file's SHA-256. */
    private fun <T> written(
        form: Json,
        serializer: KSerializer<T>,
        value: T,
        file: Path,
    ): String = WholeFiles.create(file).buffered().use { streamed(form, serializer, value, it, "\n") }

    /** Returns the SHA-256 of [value] as compact JSON, which may be longer than a text can be. */
    public fun <T> sha256(
        serializer: KSerializer<T>,
        value: T,
    ): String = streamed(compact, serializer, value, OutputStream.nullOutputStream(), "")

    /** Writes [value] as JSON, followed by [end], to [out]; returns the SHA-256 of what it writes. */
    @OptIn(ExperimentalSerializationApi::class)
    private fun <T> streamed(
        form: Json,
        serializer: KSerializer<T>,
        value: T,
        out: OutputStream,
        end: String,
    ): String {
        val digest = MessageDigest.getInstance("SHA-256")
        val hashed = DigestOutputStream(out, digest)
        form.encodeToStream(serializer, value, hashed)
        hashed.write(end.encodeToByteArray())
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
