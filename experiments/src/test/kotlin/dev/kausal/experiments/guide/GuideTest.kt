package dev.kausal.experiments.guide

import dev.kausal.engine.weights.SafetensorsWriter
import dev.kausal.experiments.EngineWorkbench
import dev.kausal.experiments.script.ScriptHost
import dev.kausal.experiments.study.Studies
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.walk
import kotlin.io.path.writeText

/** Every script, example and command of the documentation runs as it stands. */
class GuideTest :
    FunSpec({
        val folder = tempdir().toPath()
        val cache = tempdir().toPath()
        val host = ScriptHost(cache)
        val pages = Guide.pages.map(::MarkdownPage)

        // What examples find beside them: the files of two studies, and those that the pages show.
        val studies = Studies(cache.resolve("studies"))
        for (study in listOf("fact-recall", "vision-debug")) {
            studies.open(study).folder.toFile().copyRecursively(folder.toFile(), overwrite = true)
        }
        for (block in pages.flatMap { it.blocks }) block.name?.let { folder.resolve(it).writeText(block.text) }
        val stands = Guide.folders(folder)

        for (page in pages.filter { it.blocks.any { block -> block.language == "kotlin" && block.name == null } }) {
            val scripts = GuideScripts(page, stands)
            val compiled = lazy { scripts.compile(host, folder) }
            scripts.places.forEachIndexed { index, place ->
                test("the example of $place") {
                    val declaration = compiled.value[index]
                    withClue(place) {
                        scripts.run(declaration, folder, folder.resolve("${page.path.name}-$index"))
                    }
                }
            }
        }

        val commands = GuideCommands(folder, cache)
        for (page in pages.filter { page -> page.blocks.any { it.language == "sh" } }) {
            test("the commands of ${page.path}") {
                commands.run(page) { Guide.online || !it.contains(Guide.CATALOG_MODEL) }
            }
        }

        test("every script that has a name is run by a command") {
            for (page in pages) {
                val typed = page.blocks.filter { it.language == "sh" }.flatMap { it.text.split(Regex("\\s")) }
                page.blocks.filter { it.language == "kotlin" }.mapNotNull { it.name }.forEach { typed shouldContain it }
            }
        }

        test("every link of the documentation leads to a file") {
            val link = Regex("\\]\\(([^)#:]+)(#[^)]*)?\\)")
            for (page in pages) {
                page.prose.flatMap { link.findAll(it) }.forEach {
                    withClue("${page.path}: ${it.value}") {
                        page.path.resolveSibling(it.groupValues[1]).exists() shouldBe true
                    }
                }
            }
        }
    })

/** The pages that the tests read, and what stands for models that a reader has. */
internal object Guide {
    private val root: Path = Path("..")
    private val models: Path = root.resolve("engine/src/test/resources")

    /** The guide and the page that leads to it. */
    val pages: List<Path> =
        listOf(root.resolve("README.md")) +
            root.resolve("docs/guide").walk().filter { it.extension == "md" }.sorted()

    /** A model that the pages use and that is no part of the jar. */
    const val CATALOG_MODEL: String = "smollm2-135m-q4"

    /** Whether that model is there, or can be fetched. */
    val online: Boolean by lazy {
        val there = runCatching { EngineWorkbench().pull(CATALOG_MODEL) {} }.isSuccess
        if (!there) println("SKIPPED: commands of the guide on $CATALOG_MODEL, which could not be fetched")
        check(there || System.getenv("CI") != "true") { "CI must have a network" }
        there
    }

    /** Tiny random models in [folder], by what the pages call such a model's folder, in quotes. */
    fun folders(folder: Path): Map<String, String> {
        val tokenizer = models.resolve("tokenizers/wordpiece-template/tokenizer.json")
        val tiny = mapOf(
            "bert" to "distilbert-masked",
            "vit" to "timm-vit-avg-registers",
            "deit" to "timm-deit-distilled",
        )
        val sae = folder.resolve("sae-folder").createDirectories()
        writeDictionary(sae)
        val transcoders = folder.resolve("transcoders-folder").createDirectories()
        writeTranscoders(transcoders)
        val own = chat(folder) + mapOf("sae-folder" to sae, "transcoders-folder" to transcoders)
            .map { (name, path) -> "\"$name\"" to "\"$path\"" }
        return own + tiny.entries.associate { (family, name) ->
            val target = folder.resolve("$family-folder").createDirectories()
            val files = models.resolve("tiny/$name").listDirectoryEntries().filterNot { it.name.startsWith("dump") }
            for (file in files + listOf(tokenizer)) file.copyTo(target.resolve(file.name), overwrite = true)
            "\"$family-folder\"" to "\"$target\""
        }
    }

    /** The model of facts with a chat template. */
    private fun chat(folder: Path): Map<String, String> {
        val target = folder.resolve("chat-folder").createDirectories()
        for (name in listOf("config.json", "tokenizer.json", "model.safetensors")) {
            val file = root.resolve("engine/src/main/resources/embedded/facts/$name")
            file.copyTo(target.resolve(name), overwrite = true)
        }
        val template = "{% for message in messages %}{{ message.role ~ ': ' ~ message.content ~ ' ' }}{% endfor %}"
        target.resolve("tokenizer_config.json").writeText("{\"chat_template\": \"$template\"}")
        return mapOf("\"chat-folder\"" to "\"$target\"")
    }

    /** Writes transcoders for the MLPs of the embedded model: entries of what they read, in circuit-tracer's layout. */
    private fun writeTranscoders(folder: Path) {
        val width = 128
        val identity = FloatArray(width * width) { if (it / width == it % width) 1f else 0f }
        val matrix = longArrayOf(width.toLong(), width.toLong())
        repeat(4) { layer ->
            val tensors =
                listOf(
                    SafetensorsWriter.Tensor("W_enc", matrix, identity),
                    SafetensorsWriter.Tensor("W_dec", matrix, identity),
                    SafetensorsWriter.Tensor("b_enc", longArrayOf(width.toLong()), FloatArray(width) { -1f }),
                    SafetensorsWriter.Tensor("b_dec", longArrayOf(width.toLong()), FloatArray(width)),
                )
            val file = folder.resolve("layer_$layer.safetensors")
            SafetensorsWriter.write(file, tensors, SafetensorsWriter.Precision.F32)
        }
        folder.resolve("config.yaml").writeText("feature_input_hook: mlp.hook_in\nfeature_output_hook: hook_mlp_out\n")
    }

    /** Writes a dictionary for the embedded model's stream: its entries, in SAELens's layout. */
    private fun writeDictionary(folder: Path) {
        val width = 128
        val identity = FloatArray(width * width) { if (it / width == it % width) 1f else 0f }
        val matrix = longArrayOf(width.toLong(), width.toLong())
        val bias = FloatArray(width)
        val tensors =
            listOf(
                SafetensorsWriter.Tensor("W_enc", matrix, identity),
                SafetensorsWriter.Tensor("W_dec", matrix, identity),
                SafetensorsWriter.Tensor("b_enc", longArrayOf(width.toLong()), bias),
                SafetensorsWriter.Tensor("b_dec", longArrayOf(width.toLong()), bias),
            )
        val weights = folder.resolve("sae_weights.safetensors")
        SafetensorsWriter.write(weights, tensors, SafetensorsWriter.Precision.F32)
        folder.resolve("cfg.json").writeText(
            """{"architecture": "standard", "d_in": $width, "d_sae": $width, "apply_b_dec_to_input": false, """ +
                """"metadata": {"sae_lens_version": "6.0.0", "hook_name": "blocks.2.hook_resid_post"}}""",
        )
    }
}
