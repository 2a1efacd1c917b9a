package dev.kausal.compile

import dev.kausal.engine.model.ModelConfig
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.plan.Value
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.SweepSpec
import java.util.Locale

/** What a run will cost, known before any weight is read. */
public class PlanSummary internal constructor(
    private val config: ModelConfig,
    private val lines: List<Line>,
) {
    internal class Line(
        val name: String,
        val kind: String,
        val cells: Long,
        val rowLayers: Long,
        val flops: Double,
        val keptBytes: Long,
    )

    /** Forward passes over all analyses. */
    public val passes: Long get() = lines.sumOf { it.cells }

    /** Rows × layers over all analyses. */
    public val rowLayers: Long get() = lines.sumOf { it.rowLayers }

    /** Bytes that weights (float32) and the activations kept for patching take at the most demanding moment. */
    public val peakBytes: Long get() = weightBytes(config) + (lines.maxOfOrNull { it.keptBytes } ?: 0L)

    /** One line per analysis and a total, for people. */
    public fun text(): String =
        buildString {
            appendLine("Executor: plain, one whole forward pass per cell.")
            appendLine(
                row("analysis", "kind", "passes", "rows x layers", "GFLOP", "kept MB"),
            )
            lines.forEach { line ->
                appendLine(
                    row(
                        line.name,
                        line.kind,
                        "${line.cells}",
                        "${line.rowLayers}",
                        round(line.flops / 1e9),
                        round(line.keptBytes / 1e6),
                    ),
                )
            }
            appendLine(row("total", "", "$passes", "$rowLayers", round(lines.sumOf { it.flops } / 1e9), ""))
            append("Expected peak memory: ${round(peakBytes / 1e6)} MB, weights included.")
        }

    private fun row(vararg columns: String): String =
        columns
            .mapIndexed { index, text -> if (index < 2) text.padEnd(24) else text.padStart(14) }
            .joinToString("")
            .trimEnd()

    private fun round(value: Double) = String.format(Locale.ROOT, "%.1f", value)

    public companion object {
        /** The summary of [spec] on a model of [config]. */
        public fun of(
            spec: ExperimentSpec,
            config: ModelConfig,
        ): PlanSummary {
            val sets = spec.contrasts.associate { it.name to it.contrasts }
            return PlanSummary(
                config,
                spec.analyses.map { analysis ->
                    val contrasts = sets.getValue(analysis.contrasts)
                    if (analysis is SweepSpec) {
                        val plan = SweepCompiler(
                            analysis,
                            contrasts,
                            Double.NaN,
                            emptyList(),
                            emptyList(),
                        ).compile().plan
                        sweepLine(analysis.name, plan, config)
                    } else {
                        val rows = contrasts.sumOf { it.clean.ids.size.toLong() } * config.layers()
                        Line(analysis.name, "reading", contrasts.size.toLong(), rows, rows * layerFlops(config), 0)
                    }
                },
            )
        }

        private fun sweepLine(
            name: String,
            plan: SweepPlan,
            config: ModelConfig,
        ): Line {
            val rows = plan.plainRowLayers(config.layers())
            val sources =
                plan
                    .cells()
                    .flatMap { cell ->
                        cell.edits().mapNotNull { edit -> source(edit.value())?.let { it to edit.site() } }
                    }
                    .distinct()
            val kept = sources.sumOf { (run, _) -> plan.runs()[run].ids().size * config.dModel() * FLOAT_BYTES }
            return Line(name, "sweep", plan.cells().size.toLong(), rows, rows * layerFlops(config), kept)
        }

        private fun source(value: Value): Int? = (value as? Value.FromRun)?.run()

        private const val FLOAT_BYTES = 4L

        private fun layerWeights(config: ModelConfig): Long {
            val attention = config.dHead().toLong() * (2 * config.heads() + 2 * config.keyValueHeads())
            val matrices = if (config.rotary()) 3L else 2L
            return config.dModel() * (attention + matrices * config.dMlp())
        }

        private fun layerFlops(config: ModelConfig): Double = 2.0 * layerWeights(config)

        private fun weightBytes(config: ModelConfig): Long {
            val tables = config.vocabulary().toLong() * config.dModel() * (if (config.tiedUnembedding()) 1 else 2)
            return FLOAT_BYTES * (tables + layerWeights(config) * config.layers())
        }
    }
}
