package dev.kausal.dsl

import dev.kausal.spec.EdgeOrder

/**
 * An edge by its name in results: what writes to the residual stream, and what reads it.
 *
 * @property name such as `L3H5 -> L7.q5`
 */
public class Edge internal constructor(
    internal val name: String,
) {
    override fun toString(): String = name
}

/**
 * Returns the edge called [name]: `edge("L3H5 -> L7.q5")`. `embed`, `L3H5` (a head) and `L3 mlp` write; `L7.q5` (queries of a head),
 * `L7.k1` and `L7.v1` (keys and values of a key-value head), `L7 mlp` and `logits` read.
 */
public fun edge(name: String): Edge = Edge(name)

/** Each effect by a run of its own: see [exact]. */
public object Exact

/** Effects of edges by one run per edge, in place of an estimate: `edgeAttribution(set, logitDifference, by = exact)`. */
public val exact: Exact get() = Exact

/** Circuits keep the edges first whose corruption moves the metric furthest towards the corrupted run's. */
public val signed: EdgeOrder get() = EdgeOrder.Signed

/** Circuits keep the edges first whose corruption moves the metric furthest, either way. */
public val absolute: EdgeOrder get() = EdgeOrder.Absolute

/** Circuits grow from the logits: next comes the edge with the largest effect into a component that is already in. */
public val greedy: EdgeOrder get() = EdgeOrder.Greedy
