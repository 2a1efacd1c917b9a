package dev.kausal.run.sweep

import dev.kausal.run.inputs.Step
import dev.kausal.spec.EditSpec
import dev.kausal.spec.RunSpec

/**
 * Identity of a run of a sweep.
 *
 * @property sample draw of noise
 * @property lent whether the run belongs to the contrast that patches read, rather than the example itself
 * @property set another set that the example belongs to; null for the sweep's own
 * @property continuation tokens after the prompt; none if the prompt alone is read
 */
internal data class RunKey(
    val example: Int,
    val run: RunSpec,
    val sample: Int,
    val lent: Boolean = false,
    val set: String? = null,
    val continuation: List<Int> = emptyList(),
)

/**
 * An edit of one cell of the plan.
 *
 * @property beside all edits of the cell, or of the edited run, this one among them
 * @property step the edited token, if it edits token by token
 * @property cell index in the grid
 */
internal class CellEdit(
    val key: RunKey,
    val spec: EditSpec,
    val beside: List<EditSpec>,
    val step: Step?,
    val cell: Int?,
)
