package dev.kausal.run.backend

import dev.kausal.engine.exec.Continuation
import dev.kausal.engine.plan.Cell
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.Run
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.requests.Activations
import dev.kausal.engine.requests.Generation
import dev.kausal.engine.requests.Request

/**
 * A [backend] that computes nothing twice. Cells of sweeps are kept one by one, so that a sweep with some new cells
 * computes only those; they share matrix products with other cells than in a run of their own, and may differ from that
 * by rounding. Functions of the script may change without a trace, so cells that call one are always computed.
 *
 * @param remembered what the same model computed before, with the same executor and memory
 */
public class RememberingBackend(
    private val backend: Backend,
    private val remembered: Remembered,
) : Backend by backend {
    /** How cells are computed. */
    private data class Way(
        val by: Any?,
        val bfloat16: Boolean,
        val shape: ProductShape,
    )

    private data class CellKey(
        val way: Way,
        val cell: SweepPlan,
    )

    override fun outcomes(
        shard: Shard,
        plan: SweepPlan,
        done: (Int) -> Unit,
    ): ByteArray {
        val way = Way(shard.by, shard.bfloat16, ProductShape.SWEEP)
        val outcomes = cells(plan, way, done) { open, more ->
            val bytes = backend.outcomes(shard, open, more)
            val count = open.cells().size
            checkNotNull(OutcomeBytes.read(bytes, count)) { "not the outcomes of $count cells" }
        }
        return OutcomeBytes.of(outcomes)
    }

    override fun outcomes(
        plan: SweepPlan,
        shape: ProductShape,
        done: (Int) -> Unit,
    ): List<CellOutcome> =
        cells(plan, Way(null, false, shape), done) { open, more -> backend.outcomes(open, shape, more) }

    private fun cells(
        plan: SweepPlan,
        way: Way,
        done: (Int) -> Unit,
        compute: (SweepPlan, (Int) -> Unit) -> List<CellOutcome>,
    ): List<CellOutcome> {
        val keys = plan.cells().map { CellKey(way, plan.alone(it)) }
        val found = keys.map { remembered.find(it) as CellOutcome? }.toTypedArray()
        val open = found.indices.filter { found[it] == null }
        remembered.counted(found.size - open.size, open.size)
        done(found.size - open.size)
        if (open.isNotEmpty()) {
            val rest = SweepPlan(plan.runs(), open.map { plan.cells()[it] }, plan.others())
            val outcomes = compute(rest) { done(found.size - open.size + it) }
            open.zip(outcomes) { index, outcome ->
                found[index] = outcome
                if (keys[index].cell.portable()) remembered.keep(keys[index], outcome)
            }
        }
        return found.map { checkNotNull(it) }
    }

    override fun <A> answer(request: Request<A>): A = asked(request) { backend.answer(request) }

    override fun <A> inFloat32(request: Request<A>): A? =
        asked(listOf("float32", request)) { backend.inFloat32(request) }

    override fun write(
        request: Generation,
        done: (Int) -> Unit,
    ): List<Continuation> {
        val texts = remembered.of(listOf("texts", request)) { backend.write(request, done) }
        return texts.also { done(request.prompts().size * request.tokens()) }
    }

    /** Activations that are large are passed on without being kept. */
    override fun each(
        request: Activations,
        take: (String, Activations.Values) -> Unit,
    ) {
        val key = listOf("each", request)

        // This key is used here alone.
        @Suppress("UNCHECKED_CAST")
        val known = remembered.find(key) as List<Pair<String, Activations.Values>>?
        remembered.countedAnswer(known != null)
        if (known != null) return known.forEach { (name, values) -> take(name, values.copied()) }
        val seen = mutableListOf<Pair<String, Activations.Values>>()
        var numbers = 0L
        backend.each(request) { name, values ->
            numbers += values.values().size
            if (numbers <= MOST_KEPT) seen += name to values.copied() else seen.clear()
            take(name, values)
        }
        if (numbers <= MOST_KEPT) remembered.keep(key, seen)
    }

    /** The caller may change the array that it is given. */
    private fun Activations.Values.copied() = Activations.Values(values().clone(), shape())

    /** Returns the answer to [key]; one without a value is not kept. */
    private fun <A> asked(
        key: Any,
        compute: () -> A,
    ): A {
        val answer = remembered.of(key) { Answer(compute()) }
        return answer.value
    }

    private class Answer<A>(
        val value: A,
    )

    private companion object {
        /** Numbers of the activations of one request that are kept: 16 MB. */
        const val MOST_KEPT = 4_000_000L
    }
}

/**
 * Returns the plan of one [cell] alone: only the runs that it reads, numbered in the order of their first use. Equal plans have
 * equal outcomes, up to rounding.
 */
internal fun SweepPlan.alone(cell: Cell): SweepPlan {
    val order = mutableListOf<Int>()
    val numbers = HashMap<Int, Int>()

    fun number(run: Int): Int = numbers.getOrPut(run) { order.size.also { order += run } }

    val first = number(cell.run())
    val own = Cell(first, cell.edits().map { it.renumbered(::number) }, cell.metric().renumbered(::number))
    val needed = mutableListOf<Run>()
    val pairs = HashMap<Int, Int>()
    while (needed.size < order.size) {
        val at = needed.size
        val run = runs()[order[at]]
        needed += if (run.edits().isEmpty()) run else run.with(run.edits().map { it.renumbered(::number) })
        others()[order[at]]?.let { pairs[at] = number(it) }
    }
    return SweepPlan(needed, listOf(own), pairs)
}
