package dev.kausal.run.sweep

import dev.kausal.run.inputs.Step
import dev.kausal.spec.EditSpec
import dev.kausal.spec.RunSpec

/**
 * What tells one run of a sweep from another.
 *
 * @property sample which draw of noise
 * @property lent whether it is of the contrast that patches read, not of the example's own
 * @property set another set that the example is of; null for the sweep's own
 */
internal data class RunKey(
    val example: Int,
    val run: RunSpec,
    val sample: Int,
    val lent: Boolean = false,
    val set: String? = null,
)

/**
 * An edit of one plan cell.
 *
 * @property step the token that it edits, if it goes token by token
 * @property cell index in the grid
 */
internal class Made(
    val key: RunKey,
    val spec: EditSpec,
    val step: Step?,
    val cell: Int?,
)
