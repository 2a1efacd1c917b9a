package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.reports.figure.Drawing
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.Audit
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.LikelyToken
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.ModelShape
import dev.kausal.spec.ModelSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.TokenSpec
import dev.kausal.spec.ValueSpec
import kotlin.math.exp
import kotlin.random.Random

internal const val HOSTILE = "</script><img src=x onerror=alert(1)>"

/** A run of factual recall on a model of 30 layers, 10 tokens a prompt. */
internal object Fixtures {
    const val LAYERS = 30
    const val HEADS = 9
    val tokens = listOf("The", " capital", " of", " the", " E", "iffel", " Tower", "'s", " the", " is")
    private val layers = AxisSpec("layer", List(LAYERS) { "$it" })
    private val heads = AxisSpec("head", List(HEADS) { "$it" })

    fun positions(words: List<String> = tokens) = AxisSpec("position", words)

    fun bundle(
        examples: Int = 1,
        words: List<String> = tokens,
    ): Bundle {
        val results = listOf(patch(examples, words), ablation(examples), attribution(examples), perLayer(examples)) +
            attention(words) + lens(words)
        return Bundle(spec(examples, words), Results(results = results), environment(), "contrasts { }\n// $HOSTILE\n")
    }

    fun spec(
        examples: Int,
        words: List<String>,
    ) = ExperimentSpec(
        name = "Where the Eiffel Tower is stored",
        script = "eiffel.lens.kts",
        model = ModelSpec(
            "smollm-135m",
            "CausalLm",
            "llama",
            ModelShape(LAYERS, HEADS, 3, 576, 64, 1536, 49152, 2048),
            "ab12".repeat(16),
        ),
        seed = 7,
        contrasts = listOf(
            ContrastSetSpec("landmarks", List(examples) { contrast(it, words) }),
        ),
        analyses = analyses(words),
    )

    private fun contrast(
        i: Int,
        words: List<String>,
    ): ContrastSpec {
        val clean = PromptSpec(words.joinToString(""), words.indices.toList(), words, PositionRange(4, 6))
        val corrupted = clean.copy(tokens = words.map { if (it == " E") " Col" else it })
        return ContrastSpec("Eiffel Tower ${i + 1}", clean, TokenSpec(" Paris", 1), corrupted, TokenSpec(" Rome", 2))
    }

    private fun analyses(words: List<String>) =
        listOf(
            SweepSpec(
                "trace",
                "landmarks",
                12,
                MetricSpec.Recovery(MetricSpec.LogitDifference),
                listOf(layers, positions(words)),
                List(LAYERS * words.size) { patchCell(it / words.size, it % words.size) },
            ),
            SweepSpec(
                "ablate heads",
                "landmarks",
                20,
                MetricSpec.LogitDifference,
                listOf(layers, heads),
                List(LAYERS * HEADS) { ablationCell(it / HEADS, it % HEADS) },
            ),
            AttributionSpec("shares", "landmarks", 25),
            SweepSpec(
                "per layer",
                "landmarks",
                28,
                MetricSpec.Recovery(MetricSpec.Probability),
                listOf(layers),
                List(LAYERS) {
                    patchCell(it, 0)
                },
            ),
            AttentionSpec("looks", "landmarks", 30, listOf(6, 10, 14, 18)),
            LogitLensSpec("lens", "landmarks", 33, 3),
        )

    private fun patchCell(
        layer: Int,
        position: Int,
    ) = CellSpec(
        RunSpec.Corrupted,
        listOf(
            EditSpec(
                "blocks.$layer.hook_resid_pre",
                at = PlaceSpec.Position(position),
                value = ValueSpec.From(RunSpec.Clean),
            ),
        ),
    )

    private fun ablationCell(
        layer: Int,
        head: Int,
    ) = CellSpec(
        RunSpec.Clean,
        listOf(EditSpec("blocks.$layer.attn.hook_z", PartSpec.Head(head), value = ValueSpec.Zero)),
    )

    fun environment() = EnvironmentRecord(
        kausal = "0.1.0",
        versions = mapOf("Java" to "17.0.12", "LibTorch" to "2.7.1"),
        processor = "AMD EPYC",
        threads = 2,
        dtype = "float32",
        command = listOf("kausal", "run", "eiffel.lens.kts", "--set", "word=Eiffel Tower"),
        executor = "local",
        plan = mapOf("forward passes" to 310L),
        started = "2026-05-04T10:00:00Z",
        seconds = mapOf("run" to 12.5),
    )

    private fun result(
        name: String,
        kind: ResultKind,
        metric: String,
        axes: List<AxisSpec>,
        mean: List<Double?>,
        examples: Int = 1,
    ) = Result(
        name,
        kind,
        metric,
        axes,
        List(examples) { "Eiffel Tower ${it + 1}" },
        axes.map { it.labels.size },
        List(examples) { e -> mean.map { v -> v?.let { it + (e - (examples - 1) / 2.0) * 0.02 } } },
        mean = mean,
        baseline = mapOf("clean" to List(examples) { 3.2 }, "corrupted" to List(examples) { -1.1 }),
    )

    fun patch(
        examples: Int,
        words: List<String> = tokens,
    ): Result {
        val random = Random(1)
        val mean: List<Double?> = List(LAYERS * words.size) {
            val layer = it / words.size
            val noise = random.nextDouble(-0.03, 0.03)
            when (it % words.size) {
                6 -> if (layer == 12) 0.99 else 0.95 / (1 + exp((layer - 16) / 1.5)) + noise
                9 -> 0.93 / (1 + exp((19 - layer) / 1.5)) + noise
                0 -> null
                else -> noise
            }
        }
        return result(
            "trace",
            ResultKind.Sweep,
            "recovery(logitDifference)",
            listOf(layers, positions(words)),
            mean,
            examples,
        )
            .copy(
                audit = Audit(300 * examples, 300 * examples, 30, 41.25),
                notes = listOf("The first token is the same in both prompts."),
            )
    }

    fun ablation(examples: Int): Result {
        val random = Random(2)
        val mean = List(LAYERS * HEADS) { if (it == 18 * HEADS + 4) 0.9 else 3.2 + random.nextDouble(-0.4, 0.3) }
        return result("ablate heads", ResultKind.Sweep, "logitDifference", listOf(layers, heads), mean, examples)
    }

    fun attribution(examples: Int): Result {
        val random = Random(3)
        val names =
            List(LAYERS * HEADS) { "L${it / HEADS}H${it % HEADS}" } + List(LAYERS) { "mlp $it" } + listOf("embed")
        val raw = names.map { random.nextDouble(-0.1, 0.1) }.toMutableList()
        raw[18 * HEADS + 4] = 1.9
        raw[275] = -0.8
        raw[names.lastIndex] += 3.2 - raw.sum()
        val result =
            result(
                "shares",
                ResultKind.DirectLogitAttribution,
                "logitDifference",
                listOf(AxisSpec("component", names)),
                raw,
                examples,
            )
        return result.copy(ciLow = raw.map { it - 0.1 }, ciHigh = raw.map { it + 0.1 })
    }

    fun perLayer(examples: Int): Result {
        val mean = List(LAYERS) { if (it in 11..12) null else 1 / (1 + exp((14.0 - it) / 2)) }
        return result("per layer", ResultKind.Sweep, "recovery(probability)", listOf(layers), mean, examples)
            .copy(ciLow = mean.map { v -> v?.minus(0.05) }, ciHigh = mean.map { v -> v?.plus(0.05) })
    }

    fun attention(words: List<String>): Result {
        val n = words.size
        val axes =
            listOf(
                AxisSpec("layer", listOf("6", "10", "14", "18")),
                heads,
                AxisSpec("query", words),
                AxisSpec("key", words),
            )
        val random = Random(4)
        val mean = (0 until 4 * HEADS * n).flatMap { row ->
            val query = row % n
            val raw = List(n) { key ->
                if (key > query) {
                    0.0
                } else {
                    exp(random.nextDouble(0.0, 3.0) + if (key == 0) 1.5 else 0.0)
                }
            }
            raw.map { it / raw.sum() }
        }.toMutableList()
        val sharp = ((3 * HEADS + 4) * n + 9) * n
        for (key in 0 until n) mean[sharp + key] = if (key == 6) 0.991 else 0.001
        return result("looks", ResultKind.Attention, "probability", axes, mean).copy(baseline = emptyMap())
    }

    fun lens(words: List<String>): Result {
        val cells = LAYERS * words.size
        val top = List(cells) {
            val layer = it / words.size
            val likeliest = if (it % words.size == 9 && layer >= 22) " Paris" else words[(it + 1) % words.size]
            listOf(LikelyToken(likeliest, (layer + 1.0) / (LAYERS + 1)), LikelyToken(" Rome", 0.01))
        }
        val mean = top.map { it.first().probability }
        return result(
            "lens",
            ResultKind.LogitLens,
            "probability",
            listOf(layers, positions(words)),
            mean,
        ).copy(top = listOf(top), baseline = emptyMap())
    }
}

/** The figure as a page has it. */
internal val Drawing.html: String get() = content.toString()
