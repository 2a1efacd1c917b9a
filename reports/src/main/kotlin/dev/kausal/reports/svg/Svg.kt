package dev.kausal.reports.svg

/** Draws a figure; its own attributes, [more], come first. */
internal fun svg(
    width: Any,
    height: Any,
    alternative: String,
    vararg more: Attribute,
    content: () -> Markup,
): Markup = Markup.element("svg", more.asList() + root(width, height, alternative), content())

/** Returns the attributes of a figure's SVG. */
internal fun root(
    width: Any,
    height: Any,
    alternative: String,
): List<Attribute> =
    listOf(
        "xmlns" to "http://www.w3.org/2000/svg",
        "viewBox" to "0 0 $width $height",
        "width" to width,
        "height" to height,
        "role" to "img",
        "aria-label" to alternative,
    )

/** Draws text, rotated by [turn] degrees around its own point. */
internal fun svgText(
    x: Number,
    y: Number,
    words: String,
    anchor: String = "start",
    vararg more: Attribute,
    turn: Int = 0,
): Markup {
    val place: List<Attribute> =
        if (turn == 0) {
            listOf("x" to short(x), "y" to short(y))
        } else {
            listOf("transform" to "translate(${short(x)} ${short(y)}) rotate($turn)")
        }
    val ink = listOf("text-anchor" to anchor, "font-size" to "12", "fill" to Palette.TEXT)
    return Markup.element("text", place + ink + more, text(words))
}

/** Draws a line along [path], the data of an SVG path. */
internal fun stroke(
    path: String,
    colour: String,
    width: String? = null,
    vararg more: Attribute,
): Markup = tag("path", "d" to path, "stroke" to colour, "stroke-width" to width, *more)

/** Formats a coordinate to a tenth of a pixel, without redundant zeros. */
internal fun short(value: Number): String {
    val tenths = Math.round(value.toDouble() * 10)
    return if (tenths % 10 == 0L) "${tenths / 10}" else "${tenths / 10.0}"
}

/** Draws the background of a drawing: white in exports and print, the card's colour on the page. */
internal fun paper(
    width: Int,
    height: Int,
): Markup = tag("rect", "class" to "paper", "width" to width, "height" to height, "fill" to "#fff")
