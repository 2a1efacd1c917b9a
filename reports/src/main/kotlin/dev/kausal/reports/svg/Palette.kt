package dev.kausal.reports.svg

/** Colours that colour-blind readers can distinguish: below, none, above. */
internal object Ink {
    const val BELOW: String = "#2166ac"
    const val NONE: String = "#f7f7f7"
    const val ABOVE: String = "#b35806"
    const val GAP: String = "#e2e2e2"
    const val OTHER: String = "#8a8a8a"
    const val TEXT: String = "#222222"
    const val RULE: String = "#e6e6e6"
    val LINES: List<String> =
        listOf(
            "#0072b2",
            "#d55e00",
            "#009e73",
            "#cc79a7",
            "#56b4e9",
            "#e69f00",
            "#332288",
            "#882255",
            "#44aa99",
            "#999933",
            "#6699cc",
            "#555555",
        )
}
