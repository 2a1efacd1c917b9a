package dev.kausal.dsl

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.bind.ImageFacts
import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.dsl.bind.SeenImage
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.dsl.host.ScriptContext
import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import java.nio.file.Files
import java.nio.file.Path
import java.util.Random
import kotlin.io.path.copyTo
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

private val resources = Path.of("../../engine/src/test/resources")

/** A folder with a tiny random model, and with a tokenizer of small words where it reads text. */
fun tinyFolder(
    model: String,
    tokenizer: String? = "wordpiece-template",
): Path {
    val folder = Files.createTempDirectory("kausal")
    for (name in listOf("config.json", "model.safetensors", "preprocessor_config.json")) {
        resources.resolve("tiny/$model/$name").let { if (it.exists()) it.copyTo(folder.resolve(name)) }
    }
    tokenizer?.let { resources.resolve("tokenizers/$it/tokenizer.json").copyTo(folder.resolve("tokenizer.json")) }
    return folder
}

/** Makes pixels of the model's size out of a file's text: as good as a picture, and the same each time. */
class DrawnImages(
    private val config: ModelConfig,
) : ImageFacts {
    private val shape = config.embedding().image().orElseThrow()
    override val prefix: List<String> = shape.prefix()
    override val patch: Pair<Int, Int> = shape.patchRows() to shape.patchColumns()

    override fun read(file: Path): SeenImage {
        val random = Random(file.readText().hashCode().toLong())
        val pixels = FloatArray(shape.channels() * shape.rows() * shape.columns()) { random.nextGaussian().toFloat() }
        val sha256 = file.readText().padEnd(64, '0')
        return SeenImage(config.image(pixels, shape.rows(), shape.columns()), byteArrayOf(), sha256)
    }
}

/** A folder of scripts with "images" whose contents are their names. */
fun imageFolder(vararg names: String): Path {
    val folder = Files.createTempDirectory("kausal")
    for (name in names) {
        val file = folder.resolve(name)
        Files.createDirectories(file.parent)
        file.writeText(name)
    }
    return folder
}

/** [words] as a script in [folder]. */
fun declared(
    folder: Path = Path.of(""),
    words: ExperimentScope.() -> Unit,
): ExperimentDeclaration =
    inTestFile {
        ScriptContext.use(ScriptContext(folder, "script.kausal.kts")) { experiment("test") { words() } }
    }

/** The declaration as the model in [folder] runs it. */
fun ExperimentDeclaration.boundTo(source: ModelSource): BoundExperiment {
    val images = if (source.config().readsImages()) DrawnImages(source.config()) else null
    return inTestFile { bind(ModelFacts.of("tiny", source, images)) }
}

/** Binds and runs the declaration on the model in [folder], and hands both over. */
fun <T> ExperimentDeclaration.on(
    folder: Path,
    read: (BoundExperiment, HookedModel) -> T,
): T =
    ModelSource.open(folder).use { source ->
        val bound = boundTo(source)
        source.load().use { read(bound, it) }
    }
