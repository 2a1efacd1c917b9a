package dev.kausal.dsl.mistakes

/** A sparse dictionary or its features cannot be used as written. */
public sealed interface FeatureMistake : Mistake.InterventionMistake {
    public data class Unusable(override val line: Int?, val ref: String, val detail: String) : FeatureMistake

    public data class NoSite(override val line: Int?, val ref: String, val layout: String) : FeatureMistake

    public data class OtherSize(
        override val line: Int?,
        val ref: String,
        val hook: String,
        val units: Int,
        val inputs: Int,
    ) : FeatureMistake

    /** A transcoder whose output has another width than the hook point that it reconstructs. */
    public data class OtherOutput(
        override val line: Int?,
        val ref: String,
        val hook: String,
        val units: Int,
        val outputs: Int,
    ) : FeatureMistake

    /** A model or a set of transcoders that has no attribution graph. */
    public sealed interface OfGraph : FeatureMistake

    /** A model without a local replacement model. */
    public data class NoGraph(override val line: Int?, val family: String, val why: String) : OfGraph

    /** A folder without transcoders. */
    public data class NoTranscoders(override val line: Int?, val ref: String, val found: String) : OfGraph

    public data class NotATranscoder(override val line: Int?, val ref: String, val site: String) : OfGraph

    /** A transcoder that does not stand for the MLP of one layer. */
    public data class OtherPlaces(
        override val line: Int?,
        val ref: String,
        val site: String,
        val writes: String,
    ) : OfGraph

    public data class TwoOfLayer(
        override val line: Int?,
        val first: String,
        val second: String,
        val layer: Int,
    ) : OfGraph

    public data class MissingLayers(
        override val line: Int?,
        val ref: String,
        val missing: List<Int>,
        val layers: Int,
    ) : OfGraph

    /** A transcoder whose features are not linear in what it reads. */
    public data class Rescales(override val line: Int?, val ref: String) : OfGraph

    public data class NoSuchFeature(
        override val line: Int?,
        val feature: Int,
        val ref: String,
        val features: Int,
    ) : FeatureMistake

    public data class TranscoderEdit(
        override val line: Int?,
        val ref: String,
        val site: String,
        val writes: String,
    ) : FeatureMistake
}
