package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * The change of a metric of the clean run if one edge alone carries the corrupted run's output, edge by edge. An edge goes
 * from a component that writes to the residual stream to one input of a component that reads it, such as `L3H5 -> L7.q5`.
 *
 * @property by how it is estimated; null if each edge is patched
 * @property only the edges that are measured; null for all of the model
 * @property count number of edges that are measured
 * @property perQueryHead whether each query head counts as a reader of keys and values of its own, although heads share them
 */
@Serializable
@SerialName("edges")
public data class EdgesSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val metric: MetricSpec,
    val by: EstimateSpec? = null,
    val only: List<String>? = null,
    val count: Int = 0,
    val perQueryHead: Boolean = false,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override val edgesPerQueryHead: Boolean get() = perQueryHead

    override val callsScript: Boolean get() = metric.callsScript

    /** Both runs, and one pass forward and back per point of the estimate or one per edge. */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> =
        contrasts.flatMap { contrast ->
            List(2 + (by?.let { RECORDED * it.passes } ?: count)) { contrast.clean.length }
        }

    override fun measure(experiment: ExperimentSpec): Measure =
        if (by?.unsigned == true) Measure.SizeOf(metric) else Measure.ChangeOf(metric)

    private companion object {
        /** A pass forward and back costs as much as three forward. */
        const val RECORDED = 3
    }
}

/**
 * The edges of a result, where there are too many to look at.
 *
 * @property edges number of edges of the model that were measured
 * @property strongest edges with the largest mean change, the largest first
 * @property totals sums over all edges, by kind of writer and reader
 */
@Serializable
public data class EdgeSummary(
    val edges: Int,
    val strongest: List<EdgeEffect>,
    val totals: List<EdgeTotal>,
)

/**
 * One edge.
 *
 * @property mean change of the metric over the examples
 * @property ciLow lower end of its confidence interval; null if the data allow none
 * @property sameSign share of the bootstrap's draws of examples in which the mean has the same sign; null if there is one
 *   example, or no sign
 */
@Serializable
public data class EdgeEffect(
    val edge: String,
    val mean: Double,
    val ciLow: Double? = null,
    val ciHigh: Double? = null,
    val sameSign: Double? = null,
)

/**
 * The edges from writers of one kind to readers of one kind.
 *
 * @property from `embed`, `heads` or `MLPs`
 * @property to `queries`, `keys`, `values`, `MLPs` or `logits`
 * @property sum sum of their mean changes
 * @property absolute sum of the absolute values of these
 */
@Serializable
public data class EdgeTotal(
    val from: String,
    val to: String,
    val edges: Int,
    val sum: Double,
    val absolute: Double,
)
