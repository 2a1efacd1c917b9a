package dev.kausal.experiments.verify

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleFiles
import dev.kausal.bundle.BundleFolder
import dev.kausal.dsl.bind.ModelImages
import dev.kausal.dsl.bind.SeenImage
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.TokenSpec
import java.nio.file.Path

/** Checks of a bundle that need no model. */
internal object BundleCheck {
    /** Returns the files whose content differs from what the run wrote. */
    fun changed(
        folder: Path,
        bundle: Bundle,
    ): List<String> {
        if (bundle.environment.sha256.isEmpty()) return listOf("environment.json has no hashes of the other files")
        val files = BundleFolder(folder)
        val known = bundle.environment.sha256
        val needed = listOf(BundleFiles.SPEC, BundleFiles.RESULTS, bundle.spec.script) + bundle.pictures.keys +
            bundle.results.results.flatMap { result -> result.files.map { it.first } }
        val unknown = needed - known.keys
        return unknown.map { "environment.json has no hash of $it" } +
            known.mapNotNull { (name, hash) ->
                when {
                    !files.has(name) -> "$name is missing"
                    files.sha256(name) != hash -> "$name was changed after the run: its SHA-256 differs"
                    else -> null
                }
            }
    }

    /** Returns prompts and answers whose ids or tokens differ from those of [tokenizer] for their text. */
    fun tokens(
        spec: ExperimentSpec,
        tokenizer: Tokenizer,
    ): List<String> =
        // Encoders frame their prompts, and classes are not tokens.
        spec.contrasts.filter { spec.model.capability == "CausalLm" }.flatMap { set ->
            set.contrasts.flatMap { contrast ->
                listOfNotNull(contrast.clean, contrast.corrupted).filterNot { same(it, tokenizer) }.map {
                    "${set.name}: \"${it.text}\" does not have the tokens in the bundle"
                } +
                    (contrast.answers + contrast.foils)
                        .filterNot { same(it, contrast.clean.byIds, tokenizer) }
                        .map { "${set.name}: \"${it.text}\" does not have the id in the bundle" }
            }
        }.distinct()

    /** Compares by id for drawn tokens, whose text may be part of others. */
    private fun same(
        token: TokenSpec,
        drawn: Boolean,
        tokenizer: Tokenizer,
    ): Boolean =
        tokenizer.encode(token.text).ids().toList() == listOf(token.id) ||
            (drawn && tokenizer.named(token.id) == token.text)

    /**
     * Returns the run's image inputs, from the bundle's pictures of them: these have the pixels that the model read,
     * before normalisation, so that the original files may be gone.
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
        val ids = if (prompt.byIds) prompt.ids else tokenizer.encode(prompt.text).ids().toList()
        return ids == prompt.ids && ids.map { tokenizer.named(it) } == prompt.tokens
    }

    /** Returns the results of [bundle] that only its script can recompute, by analysis. */
    fun resultsOfScript(bundle: Bundle): Map<String, List<Result>> {
        val analyses = bundle.spec.analyses
        val names = analyses.mapTo(mutableSetOf()) { it.name }
        val results = bundle.results.results
        return analyses.filter { it.callsScript }.associate { analysis ->
            // Results of an analysis are consecutive, and the first has its name.
            val first = results.indexOfFirst { it.name == analysis.name }
            if (first < 0) throw ResultMissingException(analysis.name)
            analysis.name to listOf(results[first]) + results.drop(first + 1).takeWhile { it.name !in names }
        }
    }
}

/** A bundle without a result of an analysis that it declares. */
internal class ResultMissingException(
    val analysis: String,
) : KausalException(
        Blame.USER,
        "spec.json declares '$analysis', but results.json lacks its result. The bundle was altered.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
