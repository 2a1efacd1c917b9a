package dev.kausal.experiments.fuzz

import dev.kausal.bundle.ArrayFolder
import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleException
import dev.kausal.bundle.BundleFiles
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.fuzz.FuzzTarget
import dev.kausal.experiments.verify.BundleCheck
import dev.kausal.experiments.verify.ResultsComparison
import dev.kausal.reports.page.ComparisonPage
import dev.kausal.reports.page.ReportPage
import dev.kausal.spec.NumberType
import dev.kausal.spec.Results
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

private val FOLDER = Path.of("../reports/src/test/resources/bundles-0.1.0")
private val NAMES = listOf("language", "vision")
private val JSON = listOf(BundleFiles.SPEC, BundleFiles.RESULTS, BundleFiles.ENVIRONMENT)

/** Files of bundles: `report` makes a page of them, and `verify` hashes and compares them, before any of it runs. */
enum class BundleFormat(
    private val file: String,
) : FuzzTarget {
    SPEC(BundleFiles.SPEC),
    RESULTS(BundleFiles.RESULTS),
    ENVIRONMENT(BundleFiles.ENVIRONMENT),

    /** The three files at once, as one tree. */
    BUNDLE("") {
        override fun seed(seed: Int): ByteArray {
            val files = JSON.associateWith {
                Json.parseToJsonElement(FOLDER.resolve(NAMES[seed]).resolve(it).readText())
            }
            return JsonObject(files).toString().encodeToByteArray()
        }

        override fun put(
            content: ByteArray,
            folder: Path,
        ) {
            val files = try {
                Json.parseToJsonElement(content.decodeToString()) as? JsonObject
            } catch (_: SerializationException) {
                null
            }
            JSON.forEach { folder.resolve(it).writeText(files?.get(it)?.let(JsonElement::toString) ?: "{}") }
        }

        override fun use(folder: Path) {
            val bundle = Bundle.read(folder)
            ReportPage.render(bundle)
            ComparisonPage.render(listOf("a" to bundle, "b" to bundle))
            super.use(folder)
        }
    },

    /** A picture of an image that a model saw. */
    PICTURE("images/0f5fd4405ef52664.png") {
        override fun names(): List<String> = NAMES.drop(1)

        override fun use(folder: Path) {
            super.use(folder)
            ReportPage.render(Bundle.read(folder, checked = false))
        }
    },

    /** The file of a result that is too large for `results.json`. */
    ARRAYS("arrays/caught.safetensors") {
        override fun names(): List<String> = NAMES.take(1)

        override fun seed(seed: Int): ByteArray {
            val folder = Files.createTempDirectory("kausal-fuzz-")
            copy(0, folder)
            return folder.resolve("arrays/caught.safetensors").readBytes().also { folder.toFile().deleteRecursively() }
        }

        override fun copy(
            seed: Int,
            folder: Path,
        ) {
            super.copy(seed, folder)
            val results = Bundle.read(folder).results
            val caught = results.results.first { it.name == "caught" }
            val shapes = caught.examples.map { it to caught.shape }
            val cells = caught.perExample.first().size
            val stored =
                ArrayFolder(folder).create("caught", NumberType.F32, caught.axes, shapes).use { writer ->
                    caught.perExample.forEachIndexed { example, row ->
                        writer.write(example, 0, cells) { row[it] ?: Double.NaN }
                    }
                    writer.finish()
                }
            val moved = caught.copy(perExample = stored.rows, mean = stored.mean, arrays = stored.arrays).written()
            val all = results.copy(results = results.results.map { if (it.name == "caught") moved else it })
            folder.resolve(BundleFiles.RESULTS).writeText(BundleFiles.compact.encodeToString(Results.serializer(), all))
        }

        override fun use(folder: Path) {
            super.use(folder)
            ReportPage.render(Bundle.read(folder, checked = false))
        }
    }, ;

    override fun title(): String = name

    override fun seeds(): Int = names().size

    override fun seed(seed: Int): ByteArray = FOLDER.resolve(names()[seed]).resolve(file).readBytes()

    /** Returns the names of the bundles that have the file. */
    protected open fun names(): List<String> = NAMES

    /** Copies the bundle numbered [seed]. */
    protected open fun copy(
        seed: Int,
        folder: Path,
    ) {
        FOLDER.resolve(names()[seed]).toFile().copyRecursively(folder.toFile(), overwrite = true)
    }

    /** Puts [content] into the bundle in [folder]. */
    protected open fun put(
        content: ByteArray,
        folder: Path,
    ) {
        folder.resolve(file).writeBytes(content)
    }

    /** Does with the bundle what `verify` does before it runs anything. */
    protected open fun use(folder: Path) {
        val bundle = Bundle.read(folder, checked = false)
        BundleCheck.changed(folder, bundle)
        BundleCheck.resultsOfScript(bundle)
        ResultsComparison(bundle).apply {
            compareSpec(bundle.spec)
            compare(bundle.results, emptySet())
        }
    }

    override fun read(
        seed: Int,
        content: ByteArray,
        folder: Path,
    ): Boolean {
        val bundle = folder.resolve("$name-$seed")
        if (!bundle.exists()) copy(seed, bundle)
        put(content, bundle)
        return try {
            use(bundle)
            true
        } catch (refused: BundleException) {
            refused.said()
        } catch (refused: KausalException) {
            refused.said()
        }
    }

    /** Returns false: the bundle is refused, and the message says why. */
    private fun Exception.said(): Boolean {
        check(!message.isNullOrBlank()) { "${this::class.simpleName} has no message" }
        return false
    }
}
