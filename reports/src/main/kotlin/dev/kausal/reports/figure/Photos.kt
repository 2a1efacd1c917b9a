package dev.kausal.reports.figure

import dev.kausal.bundle.Bundle
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.dataUrl
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.svg
import dev.kausal.reports.svg.tag
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.PromptSpec

/** Maximum bytes of pictures on a page. */
private const val MOST_BYTES = 2_500_000

/** Photos with fewer pixels per side are drawn with square pixels. */
private const val SMALL = 64

/** A model's input image, stored once on the page. */
internal class Photo(
    name: String,
    val rows: Int,
    val columns: Int,
    private val png: ByteArray,
) {
    val id: String = "photo-" + name.substringAfterLast('/').substringBefore('.')

    /** Draws the photo alone. */
    fun picture(alternative: String): Markup = svg(columns, rows, alternative) { tag("use", "href" to "#$id") }

    fun definition(): Markup =
        tag(
            "image",
            "id" to id,
            "width" to columns,
            "height" to rows,
            "href" to dataUrl(png),
            "image-rendering" to "pixelated".takeIf { rows < SMALL },
        )
}

/** The photos of a bundle that its page includes, by the picture's name. */
internal class Photos private constructor(
    private val all: Map<String, Photo>,
) {
    constructor(bundle: Bundle) : this(kept(bundle))

    fun of(prompt: PromptSpec?): Photo? = prompt?.image?.let { all[it.picture] }

    /** Returns invisible definitions of all photos, for figures to use. */
    fun definitions(): Markup {
        if (all.isEmpty()) return Markup.NONE
        return tag("svg", "class" to "photos", "width" to 0, "height" to 0, "aria-hidden" to true) {
            tag("defs") { all.values.markup { it.definition() } }
        }
    }

    internal companion object {
        /** No photos. */
        val NONE: Photos = Photos(emptyMap())

        private fun kept(bundle: Bundle): Map<String, Photo> {
            val prompts = bundle.spec.contrasts.flatMap { set -> set.contrasts.flatMap { prompts(it) } }
            val photos = LinkedHashMap<String, Photo>()
            var room = MOST_BYTES
            for (image in prompts.mapNotNull { it.image }.distinctBy { it.picture }) {
                val png = bundle.pictures[image.picture] ?: continue
                if (png.size > room) break
                room -= png.size
                photos[image.picture] = Photo(image.picture, image.rows, image.columns, png)
            }
            return photos
        }

        private fun prompts(contrast: ContrastSpec) = listOfNotNull(contrast.clean, contrast.corrupted)
    }
}
