package dev.kausal.experiments

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleFiles
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.errors.KausalException.Blame
import dev.kausal.reports.paper.NoSuchFigureException
import dev.kausal.reports.paper.PaperFigure
import java.nio.file.Path

/** File formats of figures for papers. */
internal enum class FigureFormat {
    SVG,
    PDF,
}

/**
 * How a figure is written.
 *
 * @property example label or place of the example to draw; null for the first
 * @property millimetres width on paper
 * @property out the file; null for a name made of the bundle's and the figure's
 */
internal class FigureOptions(
    val format: FigureFormat,
    val example: String?,
    val millimetres: Double,
    val out: Path?,
)

/** A figure that was written, with its caption. */
internal class FigureFile private constructor(
    val file: Path,
    val caption: String,
) {
    companion object {
        private val UNSAFE = Regex("[^\\w.-]+")

        /** Writes the figure [name] of the bundle in the folder [bundle]. */
        fun write(
            bundle: Path,
            name: String,
            options: FigureOptions,
        ): FigureFile {
            val figure = try {
                PaperFigure.of(Bundle.read(bundle), name, options.example, options.millimetres)
            } catch (e: NoSuchFigureException) {
                throw FigureException(e)
            }
            val folder = bundle.toAbsolutePath().normalize().fileName
            val usual = "$folder-$name".replace(UNSAFE, "-") + ".${options.format.name.lowercase()}"
            val file = options.out ?: Path.of(usual)
            val bytes = when (options.format) {
                FigureFormat.SVG -> figure.svg().toByteArray()
                FigureFormat.PDF -> figure.pdf()
            }
            return FigureFile(BundleFiles.replace(file, bytes), figure.caption)
        }
    }
}

/** A bundle lacks the requested figure. */
internal class FigureException(
    cause: NoSuchFigureException,
) : KausalException(Blame.USER, cause.message.orEmpty()) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
