package dev.kausal.spec

/**
 * Input of a script's metric, besides the logits.
 *
 * @property run the edited or unedited run: `clean`, `corrupted` or `noised`
 * @property prompt the run's prompt
 * @property positions positions of the given logits, in order; empty if outputs have no position
 */
public data class MeasuredExample(
    public val contrast: ContrastSpec,
    public val run: String,
    public val prompt: PromptSpec,
    public val positions: List<Int>,
)
