package dev.kausal.dsl

/**
 * An entry of a file of model-written evaluations (Perez et al. 2022), for writing prompts.
 *
 * @property question text of the question, its choices included
 * @property matching answers that show the behaviour, such as ` (A)`
 * @property notMatching answers that do not
 */
public class EvalItem internal constructor(
    public val question: String,
    public val matching: List<String>,
    public val notMatching: List<String>,
)

/**
 * An entry of a file of SycophancyEval (Sharma et al. 2023), for writing dialogues.
 *
 * @property question the question without anybody's words about it; empty if the entry has none
 * @property answer the right answer; empty if the entry has none
 * @property foil the wrong answer that the entry names; empty if it has none
 * @property template the pattern that the prompt was written by, such as `I think the answer is ... {question}`
 */
public class SycophancyItem internal constructor(
    internal val turns: List<Pair<String, String>>,
    public val question: String,
    public val answer: String,
    public val foil: String,
    public val template: String,
) {
    /** Returns the turns of the file's own prompt, and then those of [more]. */
    public fun dialogue(more: ChatScope.() -> Unit = {}): Chat =
        chat {
            turns.forEach { (role, text) -> message(role, text) }
            more()
        }
}
