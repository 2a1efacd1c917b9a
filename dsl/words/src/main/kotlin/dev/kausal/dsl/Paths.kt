package dev.kausal.dsl

import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.engine.hooks.HookKind

/**
 * A path of edges, by the parts that it passes.
 *
 * @property name such as `L0H1 -> L1H2.v -> L2H0.q -> logits`
 */
public class Path internal constructor(
    internal val name: String,
    internal val isEdge: Boolean = false,
) {
    override fun equals(other: Any?): Boolean = other is Path && other.name == name && other.isEdge == isEdge

    override fun hashCode(): Int = name.hashCode()

    override fun toString(): String = name
}

/**
 * Returns the path through the parts of [name], such as `L0H1 -> L1H2.v -> L2H0.q -> logits`: the output of head 1 of layer 0, read as
 * values by head 2 of layer 1, whose output is read as queries by head 0 of layer 2, whose output is read by the output head.
 *
 * `embed`, `L3H5` (a head) or `L3 mlp` come first; then heads by one input (`L3H5.q`, `.k` or `.v`) or by all three (`L3H5`), and MLPs;
 * last any of these, a reader as edges name it (`L7.k1`), or `logits`.
 */
public fun path(name: String): Path = Path(name)

/** Returns the path that starts with the output of [head] and passes the parts of [rest]: `path(head, "L2H0.q -> logits")`. */
public fun path(
    head: Head,
    rest: String,
): Path = Path("${head.writer} -> $rest")

/** Returns the edge from [head] to [reader]: `edge(head, "L2.q0")`. */
public fun edge(
    head: Head,
    reader: String,
): Edge = Edge("${head.writer} -> $reader")

private val Head.writer: String get() = "L${layer}H$index"

/**
 * Patches [edge]: its reader in run [to] sees the output that its writer has in run [from]. Whatever else the reader sees stays, and
 * everything after it is computed again.
 */
public fun patch(
    from: Run,
    to: Run,
    edge: Edge,
): Intervention = along(from, to, listOf(Path(edge.name, isEdge = true)))

/** Patches all of [edges] at once. */
@JvmName("patchEdges")
public fun patch(
    from: Run,
    to: Run,
    edges: List<Edge>,
): Intervention = along(from, to, edges.map { Path(it.name, isEdge = true) })

/**
 * Patches [path] (Wang et al. 2023; Goldowsky-Dill et al. 2023): its second part sees the output that the first has in run [from], the
 * third part sees what the second then puts out, and so on. All other edges carry what they carry in run [to], up to the last part,
 * after which everything is computed again. [Intervention.at] restricts what the first part sends.
 */
public fun patch(
    from: Run,
    to: Run,
    path: Path,
): Intervention = along(from, to, listOf(path))

/** Patches all of [paths] at once; what they share is computed once, under all that they bring to it. */
@JvmName("patchPaths")
public fun patch(
    from: Run,
    to: Run,
    paths: List<Path>,
): Intervention = along(from, to, paths)

private fun along(
    from: Run,
    to: Run,
    paths: List<Path>,
): Intervention {
    val script = ScriptLines.here()
    val edits = if (paths.isEmpty()) emptyList() else listOf(Edit(END, Value.From(from), script, to, paths = paths))
    return Intervention(edits, listOf(to), script)
}

/** Stands for the sites at the ends of paths, which follow from the model. */
private val END = Address(HookKind.RESID_POST)
