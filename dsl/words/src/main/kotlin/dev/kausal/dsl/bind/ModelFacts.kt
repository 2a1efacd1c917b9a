package dev.kausal.dsl.bind

import dev.kausal.dsl.Capability
import dev.kausal.engine.config.Input
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.hooks.Axis
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.engine.model.ModelSource
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
    /** Length of an axis other than positions. */
    val sizeOf: (Axis) -> Int = { shape.size(it) },
) {
    private val type: Class<out Capability> = typeOf(family, capability)

    /** Returns whether the model is of this kind or architecture. */
    internal fun isA(kind: Class<*>): Boolean = kind.isAssignableFrom(type)

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
                capability = capabilityOf(config),
                classes = source.classNames(),
                images = images,
                points = source.points().all(),
                hasTypes = config.embedding().tokenTypes() > 1,
                warnings = source.warnings(),
                whyNoHook = source.points()::whyNot,
                sizeOf = { it.size(config, 1) },
            )
        }
    }
}

/** Returns the length of [axis] in a model whose embeddings and head are as wide as its stream. */
private fun ModelShape.size(axis: Axis): Int =
    when (axis) {
        Axis.POSITION, Axis.QUERY, Axis.KEY -> error("$axis depends on the input")
        Axis.POOLED_ROW, Axis.SCALE -> 1
        Axis.HEAD -> heads
        Axis.KEY_VALUE_HEAD -> keyValueHeads
        Axis.D_HEAD -> dHead
        Axis.ALL_HEADS -> heads * dHead
        Axis.ALL_KEY_VALUE_HEADS -> keyValueHeads * dHead
        Axis.D_MODEL, Axis.D_EMBED, Axis.D_UNEMBED, Axis.D_POOLED -> dModel
        Axis.D_MLP -> dMlp
        Axis.OUTPUT -> vocabulary
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
