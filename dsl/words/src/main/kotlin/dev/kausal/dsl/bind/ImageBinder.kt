package dev.kausal.dsl.bind

import dev.kausal.dsl.Picture
import dev.kausal.dsl.cls
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.distillation
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.registers
import dev.kausal.engine.errors.KausalException
import dev.kausal.spec.ImageSpec
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import kotlin.io.path.isRegularFile

/** Reads image files as the model does, each once. */
internal class ImageBinder(
    private val facts: ImageFacts,
    private val mistakes: MutableCollection<Mistake>,
) {
    /** Images read so far, by the name of their picture in the bundle. */
    val seen = LinkedHashMap<String, SeenImage>()
    private val bound = HashMap<InputSource.Picture, BoundInput?>()

    fun bind(
        written: DeclaredContrast,
        picture: InputSource.Picture,
    ): BoundInput? {
        // An unreadable file is one mistake, however often it is named.
        if (picture !in bound) bound[picture] = read(written, picture)
        return bound[picture]
    }

    private fun read(
        written: DeclaredContrast,
        picture: InputSource.Picture,
    ): BoundInput? {
        val mistake =
            if (picture.path.isRegularFile()) {
                try {
                    return BoundInput(spec(picture, facts.read(picture.path)))
                } catch (e: KausalException) {
                    if (e.blame() != KausalException.Blame.USER) throw e
                    Mistake.ImageUnusable(written.line, written.source, e.message.orEmpty())
                }
            } else {
                Mistake.FileMissing(written.line, picture.path.toString())
            }
        mistakes += mistake
        return null
    }

    private fun spec(
        picture: InputSource.Picture,
        image: SeenImage,
    ): PromptSpec {
        val pixels = checkNotNull(image.input.image()) { "${picture.shown} is not an image" }
        val rows = pixels.rows() / facts.patch.first
        val columns = pixels.columns() / facts.patch.second
        val name = "images/${image.sha256.take(HASH)}.png"
        seen[name] = image
        val before = facts.prefix.size
        return PromptSpec(
            text = picture.shown,
            ids = emptyList(),
            tokens = prefixNames() + (0 until rows).flatMap { row -> List(columns) { "$row,$it" } },
            spans = spans() + ("patches" to PositionRange(before, before + rows * columns - 1)),
            image = ImageSpec(image.sha256, pixels.rows(), pixels.columns(), rows, columns, name),
        )
    }

    /** Returns names of the prefix positions, with a number if several share a name. */
    private fun prefixNames(): List<String> =
        facts.prefix.mapIndexed { i, name ->
            val alike = facts.prefix.count { it == name }
            if (alike == 1) name else "${name.removeSuffix("]")} ${facts.prefix.take(i).count { it == name }}]"
        }

    private fun spans(): Map<String, PositionRange> =
        NAMES
            .mapNotNull { (position, span) ->
                val first = facts.prefix.indexOf(position)
                if (first < 0) null else span.name to PositionRange(first, facts.prefix.lastIndexOf(position))
            }.toMap()

    private companion object {
        const val HASH = 16
        val NAMES = listOf("[CLS]" to cls, "[DIST]" to distillation, "[REG]" to registers)
    }
}
