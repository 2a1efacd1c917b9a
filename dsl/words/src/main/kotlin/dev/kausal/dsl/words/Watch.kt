package dev.kausal.dsl

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.calling
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.declare.Watcher
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.host.ScriptPlace
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.WatchSpec

/** The kind of a hook point, such as `HookKind.PATTERN`. */
public typealias HookKind = dev.kausal.engine.hooks.HookKind

/** The hook point and example of one call of a read-only hook. */
public class Watched internal constructor(
    private val at: HookPoint,
    /** Label of the example. */
    public val example: String,
) {
    /** Canonical name of the hook point, such as `blocks.3.attn.hook_pattern`. */
    public val point: String get() = at.name()

    /** Kind of the hook point. */
    public val kind: HookKind get() = at.kind()

    /** The block, counted from 0; null outside the blocks. */
    public val layer: Int? get() = at.layer().takeIf { it >= 0 }

    override fun toString(): String = "$point of $example"
}

/** When a read-only hook calls back: [everyTime], [firstTime], or [whenever] a condition holds. */
public class WatchTrigger internal constructor(
    internal val condition: ((NDArray, Watched) -> Boolean)?,
    internal val once: Boolean,
) {
    /** Returns the same trigger, but only for the first time over all examples. */
    public fun once(): WatchTrigger = WatchTrigger(condition, once = true)
}

/** Calls back each time that one of the hook points is reached. */
public val everyTime: WatchTrigger = WatchTrigger(null, once = false)

/** Calls back the first time that one of the hook points is reached, over all examples. */
public val firstTime: WatchTrigger = WatchTrigger(null, once = true)

/**
 * Calls back each time that [condition] on the activation holds, for example `whenever { x, _ ->
 * x.isNaN().any().getBoolean() }`. The condition receives a copy; arrays that it makes are closed after the layer.
 */
public fun whenever(condition: (NDArray, Watched) -> Boolean): WatchTrigger = WatchTrigger(condition, once = false)

/**
 * Adds a read-only hook: [callback] receives copies of activations at every hook point that [layers], [kinds] and
 * [named] all accept. The result counts its calls [hook point]; after the last example the hook is removed, and the
 * result reports another run without it.
 *
 * @param layers blocks; negative ones count from the end; null for everywhere, including outside the blocks
 * @param kinds kinds of hook points, such as `HookKind.PATTERN`
 * @param named accepts names of hook points
 * @param calls when it is called
 * @param callback must copy what it needs as numbers: the array is closed after the layer
 */
public fun ExperimentScope.watch(
    inputs: Inputs<*>,
    layers: Iterable<Int>? = null,
    kinds: Iterable<HookKind>? = null,
    named: ((String) -> Boolean)? = null,
    calls: WatchTrigger = everyTime,
    run: Run = clean,
    callback: (NDArray, Watched) -> Unit,
): Analysis<WatchHandle> {
    val script = ScriptLines.here()
    return analysis(::WatchHandle) {
        WatchDeclaration(it, inputs, script, run, layers?.toList(), kinds?.toSet(), named, Watcher(calls, callback))
    }
}

/** Number of calls of a read-only hook. */
public class WatchHandle internal constructor(
    override val name: String,
) : GridHandle()

/** A read-only hook at the points that [layers], [kinds] and [named] all accept. */
internal class WatchDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    private val script: ScriptPlace?,
    private val run: Run,
    private val layers: List<Int>?,
    private val kinds: Set<HookKind>?,
    private val named: ((String) -> Boolean)?,
    private val watcher: Watcher,
) : DeclaredAnalysis {
    override val line: Int? get() = script?.line

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): WatchSpec {
        val run = binding.readRun(this, run, set)
        val trigger = watcher.trigger
        return WatchSpec(
            name = name,
            contrasts = set.name,
            line = line,
            sites = sites(binding),
            conditioned = trigger.condition != null,
            once = trigger.once,
            index = binding.watchers.index(watcher),
            place = script?.toString() ?: "a function",
            run = run,
        )
    }

    private fun accepts(
        binding: Binding,
        point: String,
    ): Boolean =
        named == null || binding.mistakes.calling(line, "the function given as named") { named.invoke(point) } ?: false

    private fun sites(binding: Binding): List<String> {
        val before = binding.mistakes.size
        val of = layers?.let { binding.layers(line, it).toSet() }
        val all = binding.facts.points
        val found =
            all.filter { point ->
                (of == null || point.layer() in of) && (kinds == null || point.kind() in kinds) &&
                    accepts(binding, point.name())
            }
        if (found.isEmpty() && binding.mistakes.size == before) {
            binding.mistakes += Mistake.NothingWatched(line, name, all.map { it.name() })
        }
        return found.map { it.name() }
    }
}
