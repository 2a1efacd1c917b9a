package dev.kausal.spec

/**
 * A call of a function that a script gave to a hook: which activation it gets, and of which example.
 *
 * @property point canonical name of the hook point
 * @property example the example's label
 * @property run the run that is edited: `clean`, `corrupted` or `noised`
 * @property draw number of the draw of noise; 0 in other runs
 * @property tokens the prompt's tokens as text; names of the positions of an image
 * @property positions those that the array holds, in its order
 */
public data class HookCall(
    val point: String,
    val example: String,
    val run: String,
    val draw: Int,
    val tokens: List<String>,
    val positions: IntRange,
)
