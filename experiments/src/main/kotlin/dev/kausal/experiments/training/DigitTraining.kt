package dev.kausal.experiments.training

import dev.kausal.engine.config.Image
import dev.kausal.engine.config.Input
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.CacheFolder
import java.nio.file.Path
import kotlin.io.path.writeText
import kotlin.math.cos
import kotlin.math.floor
import kotlin.math.sin
import kotlin.random.Random

/** `embedded:digits`: a small ViT that reads handwritten digits. */
internal class DigitTraining : Training {
    override val name: String get() = "digits"
    override val description: String get() = "ViT of 4 layers that reads handwritten digits of 28 x 28 pixels (MNIST)"
    override val licence: String get() = "Apache-2.0"
    override val schedule: Schedule get() = Schedule(steps = 3000, peak = 2e-3, warmUp = 150, decay = 0.05, seed = 1)
    override val config: String
        get() =
            """
            {
              "architectures": ["ViTForImageClassification"],
              "model_type": "vit",
              "hidden_act": "gelu",
              "hidden_size": 64,
              "id2label": {${(0..9).joinToString { "\"$it\": \"$it\"" }}},
              "image_size": 28,
              "intermediate_size": 256,
              "layer_norm_eps": 1e-06,
              "num_attention_heads": 4,
              "num_channels": 3,
              "num_hidden_layers": 4,
              "patch_size": 7,
              "qkv_bias": true
            }
            """.trimIndent() + "\n"

    override fun furnish(folder: Path): List<String> {
        folder.resolve(PREPROCESSOR).writeText(
            """
            {
              "do_normalize": true,
              "do_rescale": true,
              "do_resize": true,
              "image_mean": [0.5, 0.5, 0.5],
              "image_processor_type": "ViTImageProcessor",
              "image_std": [0.5, 0.5, 0.5],
              "resample": 2,
              "rescale_factor": 0.00392156862745098,
              "size": {"height": 28, "width": 28}
            }
            """.trimIndent() + "\n",
        )
        return listOf(PREPROCESSOR)
    }

    override fun data(
        folder: Path,
        seed: Long,
        progress: (String) -> Unit,
    ): TrainingData = DigitData(digits(progress), seed)

    override fun accompany(
        folder: Path,
        progress: (String) -> Unit,
    ) {
        val heldOut = digits(progress).heldOut
        DigitPictures.write(heldOut.take(DigitImages.SHIPPED), folder.resolve("pictures"))
        val read = HookedModel.open(folder).use { DigitReading.read(it, heldOut) }
        val mistaken = heldOut.indices.filter { read[it] != heldOut[it].label }
        val right = (0..9).mapNotNull { label -> heldOut.indices.firstOrNull { read[it] == label && it !in mistaken } }
        DigitPictures.writeByClass(heldOut, mistaken + right, folder.resolve(DEBUGGING))
        progress("${mistaken.size} of ${heldOut.size} held-out digits are misclassified; they are in $DEBUGGING")
    }

    private fun digits(progress: (String) -> Unit) =
        DigitImages.read(DigitPackage.archive(CacheFolder.of(System.getenv()), progress))

    private companion object {
        const val PREPROCESSOR = "preprocessor_config.json"

        /** Folder of every misclassified held-out digit, and the first correctly classified one of each class. */
        const val DEBUGGING = "debugging"
    }
}

/** Digits with random small rotations, stretches and shifts. */
private class DigitData(
    private val digits: DigitImages,
    private val seed: Long,
) : TrainingData {
    override val probes: String get() = "every fourth of 1,000 held-out digits"

    override fun batch(step: Int): Batch {
        val random = Random(seed * STRIDE + step)
        val drawn = List(IMAGES) { digits.taught.random(random) }
        val labels = LongArray(IMAGES) { drawn[it].label.toLong() }
        val inputs = drawn.map { DigitReading.input(DigitReading.moved(it.pixels, random)) }
        return Batch(inputs, WeightedTokens.mean(IntArray(IMAGES) { it }, labels, FloatArray(IMAGES) { 1f }))
    }

    override fun probe(model: HookedModel): Double =
        DigitReading.accuracy(model, digits.heldOut.filterIndexed { i, _ -> i % 4 == 0 })

    override fun figures(model: HookedModel): Map<String, Double> =
        mapOf(
            "heldOutTop1" to DigitReading.accuracy(model, digits.heldOut),
            "shippedTop1" to DigitReading.accuracy(model, digits.heldOut.take(DigitImages.SHIPPED)),
        )

    override fun close(): Unit = Unit

    private companion object {
        const val IMAGES = 64
        const val STRIDE = 1_000_003L
    }
}

/** Digits as a model reads them. */
internal object DigitReading {
    private const val SIDE = DigitImages.SIDE
    private const val CHANNELS = 3
    private const val POSITIONS = 17
    private const val AT_ONCE = 100
    private const val TURN = 0.2
    private const val STRETCH = 0.12
    private const val SHIFT = 2.2

    /** Converts brightness 0 to 1 to the model's input: grey in three channels, from -1 to 1. */
    fun input(pixels: FloatArray): Input {
        val normalised = FloatArray(CHANNELS * pixels.size) { (pixels[it % pixels.size] - 0.5f) / 0.5f }
        return Input(IntArray(0), IntArray(0), Image(normalised, SIDE, SIDE, POSITIONS))
    }

    /** Returns the share of correctly classified digits. */
    fun accuracy(
        model: HookedModel,
        digits: List<Digit>,
    ): Double = read(model, digits).zip(digits).count { (said, digit) -> said == digit.label }.toDouble() / digits.size

    /** Returns the predicted class of each of [digits]. */
    fun read(
        model: HookedModel,
        digits: List<Digit>,
    ): List<Int> =
        digits.chunked(AT_ONCE).flatMap { some ->
            Torch.manager().use { manager ->
                val logits = model.outputs(some.map { input(it.pixels) }, Hooks(model.points()), manager)
                logits.argMax(1).toLongArray().map { it.toInt() }
            }
        }

    /** Rotates, stretches and shifts a picture slightly about its centre, padding with black. */
    fun moved(
        pixels: FloatArray,
        random: Random,
    ): FloatArray {
        val angle = random.nextDouble(-TURN, TURN)
        val across = 1 + random.nextDouble(-STRETCH, STRETCH)
        val down = 1 + random.nextDouble(-STRETCH, STRETCH)
        val right = random.nextDouble(-SHIFT, SHIFT)
        val below = random.nextDouble(-SHIFT, SHIFT)
        val middle = (SIDE - 1) / 2.0
        return FloatArray(SIDE * SIDE) { i ->
            val x = i % SIDE - middle - right
            val y = i / SIDE - middle - below
            val fromX = (cos(angle) * x + sin(angle) * y) / across + middle
            val fromY = (cos(angle) * y - sin(angle) * x) / down + middle
            between(pixels, fromX, fromY)
        }
    }

    private fun between(
        pixels: FloatArray,
        x: Double,
        y: Double,
    ): Float {
        val left = floor(x).toInt()
        val top = floor(y).toInt()
        val dx = (x - left).toFloat()
        val dy = (y - top).toFloat()

        fun at(row: Int, column: Int) =
            if (row in 0 until SIDE && column in 0 until SIDE) pixels[row * SIDE + column] else 0f
        return (1 - dy) * ((1 - dx) * at(top, left) + dx * at(top, left + 1)) +
            dy * ((1 - dx) * at(top + 1, left) + dx * at(top + 1, left + 1))
    }
}
