package dev.kausal.reports.svg

/** Colours that colour-blind readers can distinguish: below, none, above. Drawings use those for light paper. */
internal object Palette {
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

    /** From far below the centre to far above it. */
    val CHANGES: List<Int> = listOf(0x2166ac, 0x7fb0d6, 0xf7f7f7, 0xe8a15c, 0xb35806)

    /** From nothing to much, increasingly light. */
    val AMOUNTS: List<Int> = listOf(0x12082e, 0x4a0d67, 0x8c2369, 0xc93f4b, 0xf1731d, 0xfcb519, 0xfdf6b2)
}

/** Colours for dark pages, in the order of [Palette]: no effect is dark there, rather than the brightest cell. */
internal object DarkPalette {
    const val BELOW: String = "#7fb5ea"
    const val NONE: String = "#272c34"
    const val ABOVE: String = "#f0a860"
    const val GAP: String = "#555b64"
    val LINES: List<String> =
        listOf(
            "#4fa8e0",
            "#f0803a",
            "#2fc79b",
            "#e29cc3",
            "#8fd0f5",
            "#f2b93b",
            "#9d8df2",
            "#e0719f",
            "#6fd3c3",
            "#c9c95a",
            "#9dbfe6",
            "#b5b5b5",
        )
    val CHANGES: List<Int> = listOf(0x8cc3f5, 0x3f7db3, 0x272c34, 0xa8652a, 0xf5b37a)
}
