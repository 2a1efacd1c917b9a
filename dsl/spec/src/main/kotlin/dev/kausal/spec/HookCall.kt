package dev.kausal.spec

/**
 * A call of a hook's function: the activation it receives, and its example.
 *
 * @property point canonical name of the hook point
 * @property example the example's label
 * @property run the edited run: `clean`, `corrupted` or `noised`
 * @property draw index of the noise draw; 0 in other runs
 * @property tokens the prompt's tokens as text; for an image, names of its positions
 * @property positions positions in the array, in its order
 */
public data class HookCall(
    val point: String,
    val example: String,
    val run: String,
    val draw: Int,
    val tokens: List<String>,
    val positions: IntRange,
)
