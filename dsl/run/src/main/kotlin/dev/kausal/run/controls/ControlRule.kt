package dev.kausal.run.controls

import dev.kausal.run.backend.SweepRequest
import dev.kausal.spec.ControlKind

/** A run with a known outcome, or a null comparison, at the strongest cell of a sweep. There is one object for each [kind]. */
internal interface ControlRule {
    /** The kind that results name. */
    val kind: ControlKind

    /** The outcome that follows from theory, as [effect] gives it; null if the control is a comparison. */
    val expected: Double?

    /** Returns the sweeps to run, whose examples do not overlap; null if the control does not apply to [of]. */
    fun parts(of: ControlledSweep): List<ControlPart>?

    /** Returns [value], the metric of [example] under the control, as a recovery or a change from the unedited run. */
    fun effect(
        of: ControlledSweep,
        example: Int,
        value: Double,
    ): Double? = if (of.recovers) of.recovery(example, value) else of.change(example, value)

    /** Returns how far rounding may move [effect] from [expected] in [example]. */
    fun allowed(
        of: ControlledSweep,
        example: Int,
    ): Double = of.floor
}

/** A sweep over the examples of the controlled sweep at [examples]. */
internal class ControlPart(
    val asked: SweepRequest,
    val examples: List<Int>,
)

/** All controls, in the order in which results list them. */
internal val CONTROLS: List<ControlRule> =
    listOf(IdentityPatch, FullStreamPatch, ShuffledPairing, RandomDirections)
