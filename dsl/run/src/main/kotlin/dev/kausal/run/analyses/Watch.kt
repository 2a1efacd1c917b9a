package dev.kausal.run.analyses

import ai.djl.ndarray.NDArray
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.ScriptCode
import dev.kausal.run.context.Setting
import dev.kausal.run.context.promptOf
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.readAt
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.WatchSpec
import kotlin.math.abs

/** Read-only hooks. Not journaled: the script's function must be called again in a resumed run. */
internal object WatchAnalysis : Reading<WatchSpec>(WatchSpec::class) {
    /**
     * Counts the largest activation, which the script's functions receive as a copy; the numbers of the result are few.
     */
    override fun size(
        spec: WatchSpec,
        on: Setting,
    ): ResultSize {
        val prompts = on.contrasts(spec).map { it.promptOf(spec.run) }
        val longest = prompts.maxOf { it.length }
        val axes = listOf(axis(spec))
        val copies = 2 * spec.sites.maxOf { on.pointBytes(it, longest) }
        return ResultSize(axes, prompts.map { listOf(spec.sites.size) }, native = on.passBytes(longest) + copies)
    }

    fun axis(spec: WatchSpec) = AxisSpec("hook point", spec.sites)

    override fun results(
        spec: WatchSpec,
        on: RunContext,
    ): List<Result> = listOf(WatchReading(spec, on).result())
}

/** Runs a [WatchSpec], counts the calls, and verifies that its hook is removed afterwards. */
private class WatchReading(
    private val spec: WatchSpec,
    private val on: RunContext,
) {
    private val inputs = on.inputs
    private val watcher = on.experiment.watchers[spec.index]
    private val calls = spec.sites.associateWith { 0 }.toMutableMap()
    private var looks = 0
    private var example = ""

    fun result(): Result {
        val contrasts = on.contrasts(spec)
        val watched =
            on.backend.local("The watch '${spec.name}'").watch(calls.keys, spec.once, ::holds) { x, point ->
                calls.merge(point.name(), 1, Int::plus)
                code(point).call { watcher.callback(x.duplicate(), point, example) }
            }
        var first = FloatArray(0)
        val rows =
            on.perExample(spec) { contrast ->
                val before = calls.toMap()
                example = contrast.label
                val outputs = outputs(watched, contrast.promptOf(spec.run))
                if (first.isEmpty()) first = outputs
                spec.sites.map { (calls.getValue(it) - before.getValue(it)).toDouble() }
            }
        watched.close()
        return result(contrasts, rows, removal(watched, contrasts.first(), first))
    }

    private fun code(point: HookPoint) =
        ScriptCode("The watch '${spec.name}'", spec.place) {
            "at ${point.name()}, on the ${spec.run.label} run of '$example'"
        }

    private fun holds(
        x: NDArray,
        point: HookPoint,
    ): Boolean {
        looks++
        val condition = watcher.condition
        return condition == null || code(point).call { condition(x.duplicate(), point, example) }
    }

    private fun outputs(
        watched: LocalBackend.WatchedModel,
        prompt: PromptSpec,
    ): FloatArray = watched.outputs(inputs.of(prompt), prompt.readAt)

    /** The outcome of a run of the first example after removing the hook. */
    private class Removal(
        val calls: Int,
        val points: Int,
        val change: Double,
    )

    private fun removal(
        model: LocalBackend.WatchedModel,
        contrast: ContrastSpec,
        watched: FloatArray,
    ): Removal {
        val before = calls.values.sum()
        val left = model.hooked
        val alone = outputs(model, contrast.promptOf(spec.run))
        val change = alone.indices.maxOf { abs(alone[it].toDouble() - watched[it]) }
        val removal = Removal(calls.values.sum() - before, left, change)
        check(removal.calls == 0 && left == 0) { "a removed hook is still at $left points" }
        return removal
    }

    private fun result(
        contrasts: List<ContrastSpec>,
        rows: List<List<Double>>,
        removal: Removal,
    ) = measured(
        spec.name,
        ResultKind.Watch,
        "calls",
        listOf(WatchAnalysis.axis(spec)),
        contrasts.map { it.label },
        rows,
    ).copy(
        checks =
            mapOf(
                "calls after removal" to removal.calls.toDouble(),
                "hook points still hooked after removal" to removal.points.toDouble(),
                "largest change of an output by watching" to removal.change,
            ),
        notes = listOfNotNull(told(contrasts.size), silent(rows), removed(removal)),
    )

    private fun told(examples: Int): String {
        val total = calls.values.sum()
        val often = if (total == 1) "once" else "$total times"
        val where = "at ${spec.sites.size} hook points in $examples runs"
        return when {
            total == 0 -> "The hook was never called $where: its condition held for none of $looks activations."
            spec.conditioned -> "The hook was called $often $where; its condition was checked on $looks activations."
            else -> "The hook was called $often $where."
        }
    }

    /** Returns points at which a hook without a condition should have been called and was not. */
    private fun silent(rows: List<List<Double>>): String? {
        if (spec.conditioned || spec.once) return null
        val never = spec.sites.filterIndexed { i, _ -> rows.all { it[i] == 0.0 } }
        return if (never.isEmpty()) null else "No run reached ${never.joinToString()}."
    }

    private fun removed(removal: Removal): String {
        val same =
            if (removal.change == 0.0) "the same outputs" else "outputs that differ by %.1e".format(removal.change)
        return "After removal, another run of the first example did not call it and gave $same."
    }
}
