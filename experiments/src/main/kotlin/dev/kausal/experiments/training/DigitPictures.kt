package dev.kausal.experiments.training

import java.awt.image.BufferedImage
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.createDirectories
import kotlin.io.path.outputStream
import kotlin.io.path.writeLines
import kotlin.math.roundToInt

/** Held-out digits as grey PNG files: `017-4.png` is the 18th of the thousand and shows a 4. */
internal object DigitPictures {
    /** Returns the file name of a picture. */
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
        digits.forEachIndexed { i, digit -> write(digit, folder.resolve(name(i, digit.label))) }
    }

    /** Writes the digits at [chosen] into [folder], in one folder per class. */
    fun writeByClass(
        digits: List<Digit>,
        chosen: List<Int>,
        folder: Path,
    ) {
        for (index in chosen) {
            val digit = digits[index]
            val place = folder.resolve("${digit.label}").createDirectories()
            write(digit, place.resolve(name(index, digit.label)))
        }
    }

    private fun write(
        digit: Digit,
        file: Path,
    ) {
        val picture = BufferedImage(DigitImages.SIDE, DigitImages.SIDE, BufferedImage.TYPE_BYTE_GRAY)
        digit.pixels.forEachIndexed { at, brightness ->
            val grey = (brightness * WHITE).roundToInt()
            picture.raster.setSample(at % DigitImages.SIDE, at / DigitImages.SIDE, 0, grey)
        }
        file.outputStream().use { ImageIO.write(picture, "png", it) }
    }

    private const val WHITE = 255
}
