package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * Probes that tell two classes of prompts apart at each of several hook points. Each is fitted on one half of the groups of examples
 * and measured on the other.
 *
 * @property vectors the activations
 * @property fit how the probe's weights are found
 * @property by what the examples of a group, which stay in one half, have in common
 * @property seed seed of the halves and of the controls
 * @property draws number of shuffles of the classes, and of random directions
 * @property splits number of divisions into halves; the results are of the first
 * @property transfer names of other sets of contrasts that the probes are measured on
 */
@Serializable
@SerialName("probe")
public data class ProbeSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val vectors: LabelledVectorsSpec,
    val fit: DirectionFit,
    val by: Grouping,
    val seed: Long,
    val draws: Int,
    val transfer: List<String> = emptyList(),
    val splits: Int = 1,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override fun passes(contrasts: List<ContrastSpec>): List<Int> = vectors.passes(contrasts)

    override fun measure(experiment: ExperimentSpec): Measure = Measure.Quantity(AREA, ValueRange.OF_TWO_CLASSES)

    override fun examples(experiment: ExperimentSpec): List<ContrastSpec> =
        vectors.classes.examples(contrasts, experiment)

    public companion object {
        /** What the numbers of its first result measure. */
        public const val AREA: String = "held-out AUROC"

        /** What those of its second result measure. */
        public const val ACCURACY: String = "held-out accuracy"

        /** What those of its results on other sets measure. */
        public const val TRANSFER: String = "AUROC on another set"
    }
}

/**
 * AUROC of each draw of two controls, by cell, on the same held-out examples.
 *
 * @property shuffled of probes fitted in the same way and measured after the classes are shuffled [cell][draw]
 * @property random of random directions [cell][draw]
 * @property splits of the probe itself, by division into halves [cell][split]; empty if there is one
 */
@Serializable
public data class ProbeControls(
    val shuffled: List<List<Double>>,
    val random: List<List<Double>>,
    val splits: List<List<Double>> = emptyList(),
)
