package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** A figure of the report: [kind] of the result named [of]. */
@Serializable
public data class FigureSpec(
    val kind: FigureKind,
    val of: String,
    val title: String? = null,
)

/** The figures that a report can draw. */
@Serializable
public enum class FigureKind {
    @SerialName("heatmap")
    Heatmap,

    @SerialName("lines")
    Lines,

    @SerialName("bars")
    Bars,

    @SerialName("attention")
    Attention,

    @SerialName("table")
    Table,

    /** Values on the patch grid, beside and over the image. */
    @SerialName("imageMap")
    ImageMap,

    /** Components and the edges between them. */
    @SerialName("graph")
    Graph,

    /** Written texts, side by side. */
    @SerialName("texts")
    Texts,
}
