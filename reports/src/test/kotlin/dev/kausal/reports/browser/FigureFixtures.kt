package dev.kausal.reports.browser

import dev.kausal.bundle.Bundle
import dev.kausal.reports.Fixtures
import dev.kausal.reports.ImageFixtures
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.FigureSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import dev.kausal.spec.SweepSpec

/** Results whose figures are hard to draw: texts of several lengths, short tokens, long names, signs. */
internal object FigureFixtures {
    private val texts = listOf(listOf("a", "b", "M"), listOf("W", "d", "e", "f", "g"))
    private const val LAYERS = 2

    /** Numbers of a captured vector. */
    const val VECTOR = 40
    private const val HEADS = 3

    /** In layer l, head h, each token attends most to the one h before it; less so in the lower layer. */
    fun weight(
        layer: Int,
        head: Int,
        query: Int,
        key: Int,
    ): Double = if (key > query) {
        0.0
    } else if (key == maxOf(0, query - head)) {
        0.9 + 0.05 * layer
    } else {
        0.01
    }

    private fun attention(
        name: String,
        heads: Int,
    ): Result {
        val longest = texts.maxOf { it.size }
        val labels = List(longest) { "$it" }
        val axes = listOf(AxisSpec("layer", listOf("0", "1"))) + listOf(
            AxisSpec("head", if (heads == 1) listOf("mean") else List(heads) { "$it" }),
            AxisSpec("query", labels),
            AxisSpec("key", labels),
        )
        val rows = texts.map { tokens ->
            List(LAYERS * heads * longest * longest) { cell ->
                val (query, key) = cell / longest % longest to cell % longest
                val place = cell / (longest * longest)
                if (maxOf(query, key) >= tokens.size) null else weight(place / heads, place % heads, query, key)
            }
        }
        val mean = rows.first().indices.map { at -> rows.mapNotNull { it[at] }.takeIf { it.isNotEmpty() }?.average() }
        val names = texts.map { it.joinToString(" ") }
        return Result(
            name,
            ResultKind.Attention,
            "pattern",
            axes,
            names,
            axes.map {
                it.labels.size
            },
            rows,
            mean = mean,
        )
    }

    /** The texts' attention, head by head, and the mean over heads. */
    fun ofTexts(): Bundle {
        val base = Fixtures.bundle(1)
        val set = ContrastSetSpec(
            "texts",
            texts.map { tokens ->
                val text = tokens.joinToString(" ")
                ContrastSpec(text, PromptSpec(text, tokens.indices.toList(), tokens))
            },
        )
        val results = listOf(attention("heads", HEADS), attention("means", 1))
        val spec = base.spec.copy(
            contrasts = listOf(set),
            analyses = results.map { AttentionSpec(it.name, "texts", 1, listOf(0, 1)) },
            figures = results.map { FigureSpec(FigureKind.Attention, it.name) },
        )
        return base.copy(spec = spec, results = Results(results = results))
    }

    /** Captured vectors [position, d_model], too long to draw: every number of one is its position plus 1. */
    fun ofVectors(): Bundle {
        val base = Fixtures.bundle(1)
        val axes = listOf(AxisSpec("position", List(3) { "$it" }), AxisSpec("d_model", List(VECTOR) { "$it" }))
        val numbers = List(3 * VECTOR) { it / VECTOR + 1.0 }
        val label = base.spec.contrasts.first().contrasts.first().label
        val result =
            Result(
                "stream",
                ResultKind.Capture,
                "activation",
                axes,
                listOf(label),
                axes.map { it.labels.size },
                listOf(numbers),
                mean = numbers,
            )
        val set = base.spec.contrasts.first().name
        val spec = base.spec.copy(
            analyses = listOf(CaptureSpec("stream", set, site = "blocks.0.hook_resid_post")),
            figures = listOf(FigureSpec(FigureKind.Lines, "stream")),
        )
        return base.copy(spec = spec, results = Results(results = listOf(result)))
    }

    /** Logits of both classes, with and without patches, of two images that differ. */
    fun ofPairs(): Bundle {
        val rows = listOf(listOf(1.0, 2.0, 1.25, -0.5), listOf(3.0, -1.0, 0.5, 0.25))
        val mean = rows[0].indices.map { cell -> rows.map { it[cell] }.average() }
        val pairs = ImageFixtures.withoutPatches(2).copy(perExample = rows, mean = mean)
        return ImageFixtures.bundle().copy(results = Results(results = listOf(pairs)))
    }

    /** Steering strengths from -2 to 2, a metric with a long name, and notes with exponents. */
    fun ofSigns(): Bundle {
        val base = Fixtures.bundle(1)
        val strengths = AxisSpec("strength", listOf("-2.0", "-1.0", "0.0", "1.0", "2.0"))
        val metric = MetricSpec.Named("the very long name of a metric that somebody wrote in a script", 0)
        val set = base.spec.contrasts.first().name

        fun result(
            name: String,
            axes: List<AxisSpec>,
        ): Result {
            val cells = axes.fold(1) { n, axis -> n * axis.labels.size }
            val mean = List(cells) { it - cells / 2.0 - 0.5 }
            return Result(
                name,
                ResultKind.Sweep,
                metric.name,
                axes,
                listOf("Eiffel Tower 1"),
                axes.map { it.labels.size },
                listOf(mean),
                mean = mean,
                baseline = mapOf("clean" to listOf(0.25)),
                notes = listOf("Off by 2.7e-07."),
            )
        }
        val results = listOf(
            result("steered", listOf(strengths)),
            result("both", listOf(AxisSpec("layer", listOf("0", "1")), strengths)),
        )
        val spec = base.spec.copy(
            analyses = results.map { SweepSpec(it.name, set, 1, metric, it.axes, emptyList()) },
            figures = listOf(
                FigureSpec(FigureKind.Lines, "steered"),
                FigureSpec(FigureKind.Heatmap, "both"),
                FigureSpec(FigureKind.Bars, "both"),
            ),
        )
        return base.copy(spec = spec, results = Results(results = results), script = "// none\n")
    }
}
