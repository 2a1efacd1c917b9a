package dev.kausal.dsl.bind

import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.config.PatchConfig
import dev.kausal.engine.config.Preprocessing
import dev.kausal.engine.images.ImageInputs
import dev.kausal.engine.images.PictureFile
import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import java.util.HexFormat

/** Image files as a model of [config] reads them, with its checkpoint's [preprocessing]. */
public class ModelImages(
    config: ModelConfig,
    preprocessing: Preprocessing,
) : ImageFacts {
    private val shape: PatchConfig = config.embedding().image().orElseThrow()
    private val inputs = ImageInputs(config, preprocessing)

    override val prefix: List<String> get() = shape.prefix()

    override val patch: Pair<Int, Int> get() = shape.patchRows() to shape.patchColumns()

    override fun read(file: Path): SeenImage {
        val seen = inputs.of(PictureFile.read(file))
        return SeenImage(seen.input(), seen.png(), sha256(Files.readAllBytes(file)))
    }

    /**
     * Recreates the result of [read] from the [picture] in a bundle: pixels are only normalised again.
     *
     * @param sha256 SHA-256 of the original file
     */
    public fun again(
        picture: Path,
        sha256: String,
    ): SeenImage {
        val seen = inputs.again(picture)
        return SeenImage(seen.input(), seen.png(), sha256)
    }

    private fun sha256(bytes: ByteArray): String =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
}
