package dev.kausal.experiments.training

import java.awt.image.BufferedImage
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.createDirectories
import kotlin.io.path.outputStream
import kotlin.io.path.writeLines
import kotlin.math.roundToInt

/** The held-out digits that travel with Kausal, as grey PNG files: `017-4.png` is the 18th and shows a 4. */
internal object DigitPictures {
    /** The name of a picture. */
    fun name(
        index: Int,
        label: Int,
    ): String = "${"$index".padStart(3, '0')}-$label.png"

    /** Writes pictures of [digits] into [folder], and `index.txt` with their names. */
    fun write(
        digits: List<Digit>,
        folder: Path,
    ) {
        folder.createDirectories()
        folder.resolve("index.txt").writeLines(digits.mapIndexed { i, digit -> name(i, digit.label) })
        digits.forEachIndexed { i, digit ->
            val picture = BufferedImage(DigitImages.SIDE, DigitImages.SIDE, BufferedImage.TYPE_BYTE_GRAY)
            digit.pixels.forEachIndexed { at, brightness ->
                val grey = (brightness * WHITE).roundToInt()
                picture.raster.setSample(at % DigitImages.SIDE, at / DigitImages.SIDE, 0, grey)
            }
            folder.resolve(name(i, digit.label)).outputStream().use { ImageIO.write(picture, "png", it) }
        }
    }

    private const val WHITE = 255
}
