package dev.kausal.reports.page

import dev.kausal.bundle.Bundle
import dev.kausal.reports.figure.Photos
import dev.kausal.reports.paper.NoSuchFigureException
import dev.kausal.reports.paper.PaperFigures
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.add
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import java.util.Base64

/** Height of a frame until its page tells its own, in pixels. */
private const val FIRST_HEIGHT = 560

/** The still image is for places that remove frames and style sheets. */
private const val HIDDEN = ".kausal-figure+.kausal-still{display:none}"

/** Sets the height of frames. None of its characters is one that HTML escapes. */
private val hostScript: String by lazy { resource("host.js") }

/**
 * A figure of a report for other pages, such as notebooks.
 *
 * @property number its number in the report
 * @property title its title
 * @property finding what it shows, in sentences
 * @property page complete HTML of the interactive figure, which needs no network
 * @property svg the figure as a still image in light colours; null if it is a table
 */
public class FramedFigure internal constructor(
    public val number: Int,
    public val title: String,
    public val finding: String,
    public val page: String,
    public val svg: String?,
) {
    /**
     * HTML that shows [page] in a sandboxed frame. Where frames, style sheets and scripts are removed from the page
     * around it, the still image and the finding are left.
     */
    public val html: String get() = "${tag("div") { style() + frame() + still() + script() }}"

    private fun style(): Markup = tag("style") { text(HIDDEN) }

    private fun frame(): Markup =
        tag(
            "iframe",
            "class" to "kausal-figure",
            "sandbox" to "allow-scripts",
            "title" to "Figure $number. $title",
            "style" to "width:100%;height:${FIRST_HEIGHT}px;border:0",
            "srcdoc" to page,
        ) { Markup.NONE }

    private fun still(): Markup =
        tag("div", "class" to "kausal-still") {
            val heading = tag("p") { tag("strong") { text("Figure $number. $title") } }
            val image = svg?.let { tag("img", "alt" to "Figure $number. $title", "src" to address(it)) { Markup.NONE } }
            heading + (image ?: Markup.NONE) + tag("p") { text(finding) }
        }

    private fun script(): Markup = tag("script") { text(hostScript) }

    private fun address(svg: String): String =
        "data:image/svg+xml;base64," + Base64.getEncoder().encodeToString(svg.toByteArray())

    public companion object {
        /** Returns the figures of [bundle] in the order of its report. */
        public fun of(bundle: Bundle): List<FramedFigure> {
            val shown = shownOf(bundle)
            val photos = Photos(shown)
            val papers = PaperFigures(bundle)
            return figuresOf(shown, photos).filter { it.drawing != null }.map { of(it, shown, papers, photos) }
        }

        private fun of(
            figure: Figure,
            shown: Bundle,
            papers: PaperFigures,
            photos: Photos,
        ): FramedFigure {
            val own = shown.results.copy(
                results = shown.results.results.filter {
                    it.name == figure.grid?.result?.name
                },
            )
            val data = mapOf(
                "numbers" to numbersJson(own, shown.spec, listOf(figure)),
                "figures" to figuresJson(listOfNotNull(figure.data())),
            )
            val page = inFrame(figure.title, data, before = { add(photos.definitions()) }) {
                figure.show(this, SharedText(shown.results.results))
            }
            return FramedFigure(figure.number, figure.title, figure.finding, page, still(papers, figure.number))
        }

        private fun still(papers: PaperFigures, number: Int): String? =
            try {
                papers.named("$number", null, null).svg()
            } catch (_: NoSuchFigureException) {
                null
            }
    }
}
