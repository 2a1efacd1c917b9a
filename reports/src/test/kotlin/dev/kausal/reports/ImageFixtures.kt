package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.reports.svg.Pixels
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.Audit
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.ImageSpec
import dev.kausal.spec.LikelyToken
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.ModelShape
import dev.kausal.spec.ModelSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.TokenSpec
import kotlin.math.exp
import kotlin.math.hypot

/** A run of a vision transformer of 4 layers and 3 heads on images of 7 by 7 patches. */
internal object ImageFixtures {
    const val LAYERS = 4
    const val HEADS = 3
    const val GRID = 7
    private const val SIDE = 112
    private val MAPS = AxisSpec("map", listOf("rollout", "for the rival"))
    private val CLASSES = AxisSpec("class", listOf("sun", "moon", "hill"))
    private val layers = numbered("layer", LAYERS)
    private val heads = numbered("head", HEADS)
    val patches = listOf(numbered("row", GRID), numbered("column", GRID))

    private fun numbered(
        name: String,
        n: Int,
    ) = AxisSpec(name, List(n) { "$it" })

    /** A sun over a hill; it stands further right in each example. */
    fun photo(example: Int): ByteArray {
        val pixels = Pixels(SIDE, SIDE)
        for (row in 0 until SIDE) {
            for (column in 0 until SIDE) {
                val sun = hypot(row - 30.0, column - 24.0 - 30 * example) < 12
                val hill = row > 80 + 14 * kotlin.math.sin(column / 17.0)
                pixels.set(
                    row,
                    column,
                    if (sun) {
                        0xffe14d
                    } else if (hill) {
                        0x3f7d3a
                    } else {
                        0x7fb2e5 - row * 0x0101
                    },
                    1.0,
                )
            }
        }
        return pixels.png()
    }

    private fun name(example: Int) = "images/%016x.png".format(example + 1)

    private fun contrast(example: Int): ContrastSpec {
        val image = ImageSpec("ab".repeat(32), SIDE, SIDE, GRID, GRID, name(example))
        val tokens = listOf("[CLS]") + List(GRID * GRID) { "${it / GRID},${it % GRID}" }
        val prompt = PromptSpec("photo $example.png", emptyList(), tokens, image = image)
        return ContrastSpec("photo $example.png", prompt, TokenSpec("sun", 2), foil = TokenSpec("moon", 3))
    }

    /** Attention that grows sharper with the layers and lies on the sun; head 0 looks elsewhere. */
    private fun weight(
        example: Int,
        layer: Int,
        head: Int,
        patch: Int,
    ): Double {
        val far = hypot(
            patch / GRID - if (head == 0) {
                5.0
            } else {
                1.0
            },
            patch % GRID - if (head == 0) 3.0 else 1.0 + 2 * example,
        )
        return 0.4 * exp(-far * (0.2 + 0.3 * layer)) + 0.002
    }

    private fun result(
        name: String,
        kind: ResultKind,
        metric: String,
        axes: List<AxisSpec>,
        examples: Int,
        values: (Int, Int) -> Double?,
    ): Result {
        val cells = axes.fold(1) { n, axis -> n * axis.labels.size }
        val rows = List(examples) { e -> List(cells) { values(e, it) } }
        val mean = List(cells) { cell -> rows.mapNotNull { it[cell] }.takeIf { it.isNotEmpty() }?.average() }
        return Result(
            name,
            kind,
            metric,
            axes,
            List(examples) {
                "photo $it.png"
            },
            axes.map { it.labels.size },
            rows,
            mean = mean,
        )
    }

    fun maps(examples: Int) =
        result("looks", ResultKind.AttentionMaps, "attention", listOf(layers, heads) + patches, examples) { e, cell ->
            val patch = cell % (GRID * GRID)
            val head = cell / (GRID * GRID) % HEADS
            weight(e, cell / (GRID * GRID * HEADS), head, patch)
        }

    fun rollout(examples: Int) =
        result("rolled", ResultKind.Rollout, "rollout", listOf(layers) + patches, examples) { e, cell ->
            weight(e, cell / (GRID * GRID), 1, cell % (GRID * GRID)) / 4
        }

    /** Removing the sun's patches lowers the logit difference; one cell was not computed. */
    fun removal(examples: Int) =
        result("removed", ResultKind.Sweep, "logitDifference", patches, examples) { e, cell ->
            if (cell == 48) null else 2.5 - 8 * weight(e, 3, 1, cell) + if (cell == 10) 0.4 else 0.0
        }.copy(baseline = mapOf("clean" to List(examples) { 2.5 }), audit = Audit(49 * examples, 49 * examples, 0, 3.2))

    fun says(examples: Int): Result {
        val top = listOf(listOf(LikelyToken("moon", 0.612), LikelyToken("sun", 0.301)))
        return result("says", ResultKind.LogitLens, "probability", listOf(numbered("layer", 1)), examples) { _, _ ->
            0.301
        }
            .copy(top = List(examples) { top })
    }

    /** Two maps of different sizes: the second is of the hill. */
    fun several(examples: Int) =
        result("looks.maps", ResultKind.AttentionMaps, "relevance", listOf(MAPS) + patches, examples) { e, cell ->
            if (cell < GRID * GRID) weight(e, 3, 1, cell) else 50 * weight(e, 3, 0, cell % (GRID * GRID))
        }

    fun probabilities(examples: Int) =
        result("looks.probabilities", ResultKind.DebugPrediction, "probability", listOf(CLASSES), examples) { _, cell ->
            listOf(0.2, 0.05, 0.75)[cell]
        }

    fun withoutPatches(examples: Int): Result {
        val removed = AxisSpec("removed", listOf("nothing", "5 patches"))
        val axes = listOf(removed, AxisSpec("class", listOf("right", "rival")))
        val logits = listOf(1.0, 2.0, 1.25, -0.5)
        return result("looks", ResultKind.DebugPrediction, "logit", axes, examples) { _, cell -> logits[cell] }
    }

    fun entropy(examples: Int) =
        result("spread", ResultKind.AttentionMeasure, "attention entropy (nats)", listOf(layers, heads), examples) {
            _,
            cell,
            ->
            3.0 - 0.4 * (cell / HEADS) - 0.2 * (cell % HEADS)
        }

    fun bundle(examples: Int = 2): Bundle {
        val set = ContrastSetSpec("photos", List(examples) { contrast(it) })
        val analyses = listOf(
            AttentionSpec("looks", "photos", 4, listOf(0, 1, 2, 3)),
            AttentionSpec("rolled", "photos", 5, listOf(0, 1, 2, 3)),
            SweepSpec("removed", "photos", 6, MetricSpec.LogitDifference, patches, emptyList()),
            LogitLensSpec("says", "photos", 7, 2, RunSpec.Clean),
            AttentionSpec("spread", "photos", 8, listOf(0, 1, 2, 3)),
        )
        val shape = ModelShape(LAYERS, HEADS, HEADS, 48, 16, 96, 0, GRID * GRID + 1)
        val spec = ExperimentSpec(
            name = "Where the sun is",
            script = "sun.kausal.kts",
            model = ModelSpec("tiny-vit", "ImageClassifier", "vit", shape),
            contrasts = listOf(set),
            analyses = analyses,
        )
        val results = listOf(maps(examples), rollout(examples), removal(examples), entropy(examples), says(examples))
        val pictures = List(examples) { name(it) to photo(it) }.toMap()
        return Bundle(spec, Results(results = results), Fixtures.environment(), "images { }\n", pictures)
    }
}
