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
