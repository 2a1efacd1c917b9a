package dev.kausal.experiments.embedded

import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.writeText

/**
 * Facts about an embedded model, in `card.json` beside it, which the engine reads too.
 *
 * @property command command that rebuilds the model
 * @property figures measurements of the stored weights
 */
@Serializable
internal data class ModelCard(
    val name: String,
    val description: String,
    val licence: String,
    val command: String,
    val figures: Map<String, Double>,
    val files: List<CardFile>,
) {
    /** Writes the card into a model's folder. */
    fun write(folder: Path): Unit = folder.resolve(FILE).writeText(json.encodeToString(this) + "\n")

    companion object {
        private const val FILE = "card.json"

        /** Returns whether [folder] has a card, as every finished model does. */
        fun isIn(folder: Path): Boolean = folder.resolve(FILE).exists()

        private val json = Json { prettyPrint = true }

        /** Returns the card of the model in [folder] with these [files]. */
        fun of(
            name: String,
            description: String,
            licence: String,
            command: String,
            figures: Map<String, Double>,
            folder: Path,
            files: List<String>,
        ): ModelCard =
            ModelCard(
                name,
                description,
                licence,
                command,
                figures,
                files.map { CardFile(it, folder.resolve(it).fileSize(), sha256(folder.resolve(it))) },
            )

        private fun sha256(file: Path): String =
            HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)))
    }
}

/** One file of a model. */
@Serializable
internal data class CardFile(
    val name: String,
    val size: Long,
    val sha256: String,
)
