package dev.kausal.run

import dev.kausal.run.analyses.Analysis
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.Setting
import dev.kausal.spec.AnalysisSpec
import java.util.Locale

/** The sizes of an experiment's results, as predicted by their analyses. */
internal class ResultSizes private constructor(
    private val sizes: Map<String, ResultSize>,
) {
    private val large = sizes.filterValues { it.isLarge }

    /** Native bytes of the largest reading, without weights. */
    val native: Long = sizes.values.maxOfOrNull { it.native } ?: 0

    /** Bytes of Java's heap: stored results, and the working memory of the largest analysis. */
    val heap: Long = sizes.values.sumOf { it.kept } + (sizes.values.maxOfOrNull { it.working } ?: 0)

    /** Bytes of arrays. */
    val arrays: Long = sizes.values.sumOf { it.arrayBytes }

    /** Estimated bytes of `results.json`. */
    val json: Long = sizes.values.sumOf { it.jsonBytes }

    val text: String =
        buildString {
            append("about ${megabytes(json)} MB in results.json")
            if (large.isNotEmpty()) append(", ${megabytes(arrays)} MB in arrays/ (${files()})")
            append(".")
        }

    val announcement: String? =
        if (large.isEmpty()) {
            null
        } else {
            "results too large for results.json: ${megabytes(arrays)} MB in arrays/ (${files()})"
        }

    val unreadable: String? =
        large.entries.firstOrNull { it.value.cells > Int.MAX_VALUE }?.let { (name, size) ->
            val most = "%,d".format(Locale.ROOT, Int.MAX_VALUE)
            "'$name' has ${counted(size.cells)} for one example, and at most $most can be kept: " +
                "choose layers, heads or a mean over them, or shorter prompts."
        }

    private fun files(): String =
        large.entries.joinToString { (name, size) ->
            "$name: ${counted(size.numbers)}, ${megabytes(size.arrayBytes)} MB"
        }

    companion object {
        private const val MEGA = 1e6

        fun of(setting: Setting): ResultSizes {
            val sized = setting.spec.analyses.filter { setting.contrasts(it).isNotEmpty() }
            return ResultSizes(sized.mapNotNull { spec -> size(spec, setting)?.let { spec.name to it } }.toMap())
        }

        private fun <S : AnalysisSpec> size(
            spec: S,
            setting: Setting,
        ): ResultSize? {
            val analysis: Analysis<S> = Analyses.of(spec)
            return analysis.size(spec, setting)
        }

        private fun counted(numbers: Long) = String.format(Locale.ROOT, "%,d numbers", numbers)

        private fun megabytes(bytes: Long): String =
            (bytes / MEGA).let { String.format(Locale.ROOT, if (it >= 1) "%.1f" else "%.2g", it) }
    }
}
