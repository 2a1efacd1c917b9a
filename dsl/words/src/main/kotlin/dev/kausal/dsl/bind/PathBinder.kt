package dev.kausal.dsl.bind

import dev.kausal.dsl.Address
import dev.kausal.dsl.EditedRun
import dev.kausal.dsl.Intervention
import dev.kausal.dsl.Path
import dev.kausal.dsl.Run
import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.mistakes.PathMistake
import dev.kausal.engine.edits.Part
import dev.kausal.engine.graph.Port
import dev.kausal.spec.PartSpec

/**
 * Turns patches of paths into patches of edges.
 *
 * Only the last edge of a path is an edit of the run itself: what its writer puts out there is read from a run of its own, in which the
 * edge before it is patched, and so on. Paths with the same last edge share that run.
 */
internal class PathBinder(
    private val binding: Binding,
) {
    private val asked = HashMap<Pair<Int?, Path>, List<List<Int>>>()
    private val reported = HashSet<Any>()

    /** Returns the edits that [edit] of run [base] stands for: itself, or those at the ends of its paths. */
    fun edits(
        edit: Edit,
        base: Run,
    ): List<Edit> {
        if (edit.paths.isEmpty()) return listOf(edit)
        val line = edit.script?.line
        val edges = EdgeBinder(binding, line, "a patch of edges")
        if (edges.normed()) return emptyList()
        if (reported.add(edit.paths to line)) twice(edit.paths, line)
        val parsed = edit.paths.associateWith { path ->
            asked.getOrPut(line to path) { PathParser(edges, path, line, binding.mistakes).edges() }
        }
        if (!separate(parsed, line)) return emptyList()
        return ends(parsed.values.flatten().distinct(), edit, base, edges)
    }

    private fun twice(
        paths: List<Path>,
        line: Int?,
    ) {
        paths.groupBy { it }.filterValues { it.size > 1 }.keys.forEach {
            binding.bad(line, "the list of paths", "one with $it twice", "one that names each path once")
        }
    }

    /** Reports a path that another one passes from its start on, so that its first part is both replaced and computed. */
    private fun separate(
        parsed: Map<Path, List<List<Int>>>,
        line: Int?,
    ): Boolean {
        val all = parsed.flatMap { (path, ways) -> ways.map { path to it } }
        val inside = all.flatMap { (path, way) ->
            all.filter { (_, other) -> other.size > way.size && other.takeLast(way.size) == way }
                .map { (other, _) -> PathMistake.PathInPath(line, "$path", "$other") }
        }
        binding.mistakes += inside
        return inside.isEmpty()
    }

    /** Returns the patches of the last edges of [paths]. */
    private fun ends(
        paths: List<List<Int>>,
        edit: Edit,
        base: Run,
        edges: EdgeBinder,
    ): List<Edit> =
        paths.groupBy { it.last() }.map { (edge, group) ->
            val before = group.map { it.dropLast(1) }
            val starts = before.all { it.isEmpty() }
            val from = edit.value as Value.From
            val run =
                if (starts) {
                    from.run
                } else {
                    EditedRun(base.input, Intervention(ends(before, edit, base, edges), listOf(base), edit.script))
                }
            val graph = edges.graph
            edit.copy(
                site = graph.readers()[graph.reader(edge)].port().address,
                value = Value.From(run, graph.output(graph.writer(edge)).address),
                place = edit.place.takeIf { starts },
                paths = emptyList(),
            )
        }

    private val Port.address: Address
        get() = Address(kind(), layer(), (part() as? Part.Head)?.let { PartSpec.Head(it.head()) } ?: PartSpec.All)
}
