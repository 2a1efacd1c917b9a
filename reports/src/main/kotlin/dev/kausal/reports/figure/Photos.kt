package dev.kausal.reports.figure

import dev.kausal.bundle.Bundle
import dev.kausal.reports.svg.dataUrl
import dev.kausal.reports.svg.svgRoot
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
    fun picture(alternative: String): String = "${svgRoot("$columns", "$rows", alternative)}<use href=\"#$id\"/></svg>"

    fun definition(): String {
        val crisp = if (rows < SMALL) " image-rendering=\"pixelated\"" else ""
        return "<image id=\"$id\" width=\"$columns\" height=\"$rows\" href=\"${dataUrl(png)}\"$crisp/>"
    }
}

/** The photos of a bundle that its page includes, by the picture's name. */
internal class Photos private constructor(
    private val all: Map<String, Photo>,
) {
    constructor(bundle: Bundle) : this(kept(bundle))

    fun of(prompt: PromptSpec?): Photo? = prompt?.image?.let { all[it.picture] }

    /** Returns invisible definitions of all photos, for figures to use. */
    fun definitions(): String =
        if (all.isEmpty()) {
            ""
        } else {
            all.values.joinToString(
                "",
                "<svg class=\"photos\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>",
                "</defs></svg>",
            ) {
                it.definition()
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
