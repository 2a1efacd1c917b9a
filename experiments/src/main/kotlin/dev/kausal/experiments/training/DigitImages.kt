package dev.kausal.experiments.training

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.double
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream
import java.nio.file.Path
import java.util.zip.GZIPInputStream
import kotlin.io.path.inputStream
import kotlin.random.Random

/**
 * A picture of a handwritten digit.
 *
 * @property pixels brightness 0 to 1, [row, column]
 */
internal class Digit(
    val pixels: FloatArray,
    val label: Int,
)

/**
 * Ten thousand digits of MNIST (LeCun et al. 1998), split into training and held-out digits.
 *
 * @property taught 9,000 training digits
 * @property heldOut 1,000 held-out digits, the first [SHIPPED] of which are included in Kausal
 */
internal class DigitImages private constructor(
    all: List<Digit>,
) {
    val heldOut: List<Digit>
    val taught: List<Digit>

    init {
        val mixed = all.shuffled(Random(MIXING))
        heldOut = mixed.take(HELD_OUT)
        taught = mixed.drop(HELD_OUT)
    }

    companion object {
        /** Side length in pixels. */
        const val SIDE: Int = 28

        /** Number of held-out digits included in Kausal. */
        const val SHIPPED: Int = 200
        private const val HELD_OUT = 1000
        private const val MIXING = 28L
        private val member = Regex("package/src/digits/(\\d)\\.json")

        /** Reads the package's archive. */
        fun read(archive: Path): DigitImages {
            val digits = mutableListOf<Digit>()
            TarArchiveInputStream(GZIPInputStream(archive.inputStream().buffered())).use { tar ->
                generateSequence { tar.nextEntry }.forEach { entry ->
                    val label = member.matchEntire(entry.name)?.groupValues?.get(1)?.toInt() ?: return@forEach
                    val numbers =
                        Json.parseToJsonElement(tar.readAllBytes().decodeToString())
                            .jsonObject.getValue("data").jsonArray
                            .map { it.jsonPrimitive.double.toFloat() }
                    digits += numbers.chunked(SIDE * SIDE).map { Digit(it.toFloatArray(), label) }
                }
            }
            return DigitImages(digits.sortedBy { it.label })
        }
    }
}
