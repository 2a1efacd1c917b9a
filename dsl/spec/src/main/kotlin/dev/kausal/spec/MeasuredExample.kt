package dev.kausal.spec

/**
 * What a metric of the script is computed of, beside the logits.
 *
 * @property run the run that is edited, or measured as it is: `clean`, `corrupted` or `noised`
 * @property prompt the prompt that the run reads
 * @property positions positions of the prompt whose logits are given, in their order; empty if outputs belong to none
 */
public data class MeasuredExample(
    public val contrast: ContrastSpec,
    public val run: String,
    public val prompt: PromptSpec,
    public val positions: List<Int>,
)
