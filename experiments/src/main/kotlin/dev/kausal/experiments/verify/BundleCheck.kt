package dev.kausal.experiments.verify

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleFiles
import dev.kausal.dsl.bind.ModelImages
import dev.kausal.dsl.bind.SeenImage
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.PromptSpec
import java.nio.file.Path
import kotlin.io.path.isRegularFile
import kotlin.io.path.readBytes

/** Checks of a bundle that need no model. */
internal object BundleCheck {
    /** The files whose content is not what the run wrote. */
    fun changed(
        folder: Path,
        bundle: Bundle,
    ): List<String> {
        if (bundle.environment.sha256.isEmpty()) return listOf("environment.json has no hashes of the other files")
        return bundle.environment.sha256.mapNotNull { (name, hash) ->
            val file = folder.resolve(name)
            when {
                !file.isRegularFile() -> "$name is not there any more"
                BundleFiles.sha256(file.readBytes()) != hash -> "$name was changed after the run: its SHA-256 differs"
                else -> null
            }
        }
    }

    /** Prompts and answers whose ids or tokens are not what [tokenizer] makes of their text. */
    fun tokens(
        spec: ExperimentSpec,
        tokenizer: Tokenizer,
    ): List<String> =
        // Encoders frame their prompts, and classes are no tokens.
        spec.contrasts.filter { spec.model.capability == "CausalLm" }.flatMap { set ->
            set.contrasts.flatMap { contrast ->
                listOfNotNull(contrast.clean, contrast.corrupted).filterNot { same(it, tokenizer) }.map {
                    "${set.name}: \"${it.text}\" has other tokens than the bundle says"
                } +
                    listOfNotNull(contrast.answer, contrast.foil)
                        .filter { tokenizer.encode(it.text).ids().toList() != listOf(it.id) }
                        .map { "${set.name}: \"${it.text}\" is another token than the bundle says" }
            }
        }.distinct()

    /**
     * What the run's images were to the model, from the bundle's pictures of them: their pixels are those that it read,
     * before it normalised them, so that the files they came from may be gone.
     */
    fun images(
        folder: Path,
        spec: ExperimentSpec,
        images: ModelImages,
    ): Map<String, SeenImage> =
        spec.contrasts
            .flatMap { set -> set.contrasts.flatMap { listOfNotNull(it.clean.image, it.corrupted?.image) } }
            .distinctBy { it.picture }
            .associate { it.picture to images.again(folder.resolve(it.picture), it.sha256) }

    private fun same(
        prompt: PromptSpec,
        tokenizer: Tokenizer,
    ): Boolean {
        val ids = tokenizer.encode(prompt.text).ids().toList()
        return ids == prompt.ids && ids.map { tokenizer.text(it) } == prompt.tokens
    }

    /** Whether [spec] names functions that only its script holds. */
    fun needsScript(spec: ExperimentSpec): Boolean = spec.analyses.any { it.callsScript }
}
