package dev.kausal.dsl.bind

import dev.kausal.dsl.Capability
import dev.kausal.engine.config.Input
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.hooks.Axis
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.replacement.ReplacementException
import dev.kausal.engine.tokens.ChatTemplate
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.spec.ModelShape
import java.nio.file.Path

/** Facts about a model that an experiment needs before its weights are read. */
public data class ModelFacts(
    /** Model reference of the script or of `--model`. */
    val ref: String,
    /** The engine's name of the architecture, such as `llama`. */
    val family: String,
    val shape: ModelShape,
    /** Null if it reads images. */
    val tokenizer: Tokenizer?,
    /** Whether the model has a hook point of this canonical name. */
    val hasHook: (String) -> Boolean,
    /** Length of an axis that counts no positions. */
    val sizeOf: (Axis) -> Int,
    /** Name of the capability; must be given for families unknown to this module. */
    val capability: String = kindOf(family),
    /** Names of a classifier's classes, by number. */
    val classes: List<String> = emptyList(),
    /** How files become the model's inputs; null if it reads tokens. */
    val images: ImageFacts? = null,
    /** Its hook points, in the order of the forward pass. */
    val points: List<HookPoint> = emptyList(),
    /** Whether it distinguishes two sentences by token types. */
    val hasTypes: Boolean = false,
    /** Caveats about its files that affect its numbers, as sentences. */
    val warnings: List<String> = emptyList(),
    /** Why the model has no hook point of this canonical name; empty if it has one, or if unknown. */
    val whyNoHook: (String) -> String = { "" },
    /** Why the model has no attribution graphs; null if it has them. */
    val whyNoGraph: String? = null,
    /** Tokens after which its texts end. */
    val endTokens: List<Int> = emptyList(),
    /** Reads its template of dialogues; null if it has none. */
    val chatTemplate: () -> ChatTemplate? = { null },
) {
    private val type: Class<out Capability> = typeOf(family, capability)
    private val places: Map<String, Int> = points.indices.associateBy { points[it].name() }

    /** Returns whether the model is of this kind or architecture. */
    internal fun isA(kind: Class<*>): Boolean = kind.isAssignableFrom(type)

    /** Returns the place of [hook] in the order of the forward pass; null if the model has no such point. */
    internal fun place(hook: String): Int? = places[hook]

    /** Returns the hook point of canonical name [hook]; null if the model has none. */
    internal fun point(hook: String): HookPoint? = place(hook)?.let(points::get)

    public companion object {
        /**
         * Returns the facts of [source], which the script or the command line calls [ref].
         *
         * @param images how files become the model's inputs, if it reads images
         */
        public fun of(
            ref: String,
            source: ModelSource,
            images: ImageFacts? = null,
        ): ModelFacts {
            val config = source.config()
            val shape =
                ModelShape(
                    layers = config.layers(),
                    heads = config.heads(),
                    keyValueHeads = config.keyValueHeads(),
                    dModel = config.dModel(),
                    dHead = config.dHead(),
                    dMlp = config.dMlp(),
                    vocabulary = config.vocabulary(),
                    context = config.context(),
                )
            return ModelFacts(
                ref = ref,
                family = config.family(),
                shape = shape,
                tokenizer = source.tokenizer(),
                hasHook = source.points()::has,
                sizeOf = { it.size(config, 1) },
                capability = capabilityOf(config),
                classes = source.classNames(),
                images = images,
                points = source.points().all(),
                hasTypes = config.embedding().tokenTypes() > 1,
                warnings = source.warnings(),
                whyNoHook = source.points()::whyNot,
                whyNoGraph = ReplacementException.why(config).orElse(null),
                endTokens = source.endTokens(),
                chatTemplate = { source.chatTemplate().orElse(null) },
            )
        }
    }
}

/** How a model makes its input from an image file. */
public interface ImageFacts {
    /** Names of the positions before the patches, such as `[CLS]`. */
    public val prefix: List<String>

    /** Rows and columns of pixels in a patch. */
    public val patch: Pair<Int, Int>

    /** Decodes, resizes, crops and normalises a file; throws a [KausalException] if that is impossible. */
    public fun read(file: Path): SeenImage
}

/**
 * An image file as the model reads it.
 *
 * @property input the model's input
 * @property picture PNG file of the input before normalisation
 * @property sha256 SHA-256 of the file
 */
public class SeenImage(
    public val input: Input,
    public val picture: ByteArray,
    public val sha256: String,
)
