package dev.kausal.dsl

import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputItem
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.Grouping
import kotlin.experimental.ExperimentalTypeInference

/** Declares the contrasts of a set. */
@KausalDsl
public open class ContrastsScope internal constructor() {
    internal val items = mutableListOf<InputItem>()

    /**
     * Adds a clean prompt and its counterpart.
     *
     * Brackets mark the subject (`The [Eiffel Tower] is in`) and are not part of the prompt; `\[` and `\]` are plain
     * brackets. In prompts of a masked language model, `[MASK]` is the mask, and each has one.
     *
     * @param answer right continuation of the clean prompt (or right token for its mask): one token, leading blank
     *   included; for a classifier, a class
     * @param corrupted a prompt that differs in the subject
     * @param foil right continuation of the corrupted prompt
     * @param label name of the contrast in results; the clean prompt's subject, or its text, if null
     * @param template name of the phrasing that it shares with others, as [relation] names the kind of fact
     * @param candidates answers that compete under [answersAmong]; each is one token or several
     */
    public fun contrast(
        clean: String,
        answer: String,
        corrupted: String? = null,
        foil: String? = null,
        label: String? = null,
        template: String? = null,
        relation: String? = null,
        candidates: List<String> = emptyList(),
    ): Unit = contrast(clean, listOf(answer), corrupted, listOfNotNull(foil), label, template, relation, candidates)

    /**
     * Adds a contrast with several right continuations of either prompt, such as all years after a given one and all
     * years before it. Logits are averaged over a set, so that their difference stays linear and does not grow with the
     * number of tokens; probabilities are summed. `accuracy`, `knows`, `answersAmong` and `mistaken` accept any of the
     * answers; `prefersAnswer` and `behaviour` compare the means.
     *
     * @param answers one or more, each like `answer`
     * @param foils tokens that are not answers; may be empty
     */
    public fun contrast(
        clean: String,
        answers: List<String>,
        corrupted: String? = null,
        foils: List<String> = emptyList(),
        label: String? = null,
        template: String? = null,
        relation: String? = null,
        candidates: List<String> = emptyList(),
    ) {
        val groups = groups(template, relation)
        add(InputSource.Text(clean), answers, corrupted?.let { InputSource.Text(it) }, foils, label, groups, candidates)
    }

    /** Adds a contrast of dialogues, made by [chat]; the answer continues the last turn. */
    public fun contrast(
        clean: Chat,
        answer: String,
        corrupted: Chat? = null,
        foil: String? = null,
        label: String? = null,
        template: String? = null,
        relation: String? = null,
    ): Unit = contrast(clean, listOf(answer), corrupted, listOfNotNull(foil), label, template, relation)

    /** Adds a contrast of dialogues with several right answers, as for prompts. */
    public fun contrast(
        clean: Chat,
        answers: List<String>,
        corrupted: Chat? = null,
        foils: List<String> = emptyList(),
        label: String? = null,
        template: String? = null,
        relation: String? = null,
    ): Unit = add(clean.written(), answers, corrupted?.written(), foils, label, groups(template, relation))

    /** Adds a contrast of prompts given as token ids, such as `tokenIds(464, 5182)`; answers are texts. */
    public fun contrast(
        clean: TokenIds,
        answers: List<String>,
        corrupted: TokenIds? = null,
        foils: List<String> = emptyList(),
        label: String? = null,
    ): Unit = add(clean.written(), answers, corrupted?.written(), foils, label)

    /**
     * Adds the contrasts of a JSON file, a list of objects with [contrast]'s parameters; [path] is relative to the
     * script.
     */
    public fun fromJson(path: String) {
        val file = ScriptContext.current.file(path)
        items += InputItem.File(file, ScriptLines.line(), { InputSource.Text(it) })
    }

    /**
     * Adds the contrasts of a file in another phrasing: [corrupted] writes the corrupted prompt, and [template] names
     * the phrasing. With one line per phrasing, all ask the same questions, so that a control can be subtracted
     * question by question: `fromJson("questions.json", "sure") { "I am sure that it is $foil. $clean" }`.
     */
    public fun fromJson(
        path: String,
        template: String,
        corrupted: WrittenQuestion.() -> String,
    ) {
        val file = ScriptContext.current.file(path)
        val asking = InputItem.Asking(template, corrupted = corrupted)
        items += InputItem.File(file, ScriptLines.line(), { InputSource.Text(it) }, asking)
    }

    /**
     * Adds the contrasts of a file as other questions: [clean] and [corrupted] write both prompts. With [answer] and [foil], they
     * have other answers than the file's, such as the letters of two options:
     * `fromJson("questions.json", "sure", clean = { options(answer, foil) }, answer = " A", foil = " B") { ... }`.
     *
     * @param answer right continuation of every clean prompt; that of the file if null
     * @param foil right continuation of every corrupted prompt; that of the file if null
     */
    public fun fromJson(
        path: String,
        template: String,
        clean: WrittenQuestion.() -> String,
        answer: String? = null,
        foil: String? = null,
        corrupted: WrittenQuestion.() -> String,
    ) {
        val file = ScriptContext.current.file(path)
        val asking = InputItem.Asking(template, clean, answer, foil, corrupted)
        items += InputItem.File(file, ScriptLines.line(), { InputSource.Text(it) }, asking)
    }

    /**
     * Adds a contrast for each line of a file of model-written evaluations (Perez et al. 2022): [write] makes the prompt of
     * its question, the answers are those without the behaviour, and the foils those that match it. They have several tokens, such
     * as ` (A)`, for `logLikelihoodDifference`.
     */
    @OptIn(ExperimentalTypeInference::class)
    @OverloadResolutionByLambdaReturnType
    @JvmName("fromEvals")
    public fun fromEvals(
        path: String,
        template: String? = null,
        write: EvalItem.() -> String,
    ): Unit = evals(path, InputItem.EvalWriter.OfQuestions(template) { InputSource.Text(it.write()) })

    /** Adds the lines of a file of model-written evaluations as dialogues, made by [chat]. */
    @OptIn(ExperimentalTypeInference::class)
    @OverloadResolutionByLambdaReturnType
    @JvmName("fromEvalsAsDialogues")
    public fun fromEvals(
        path: String,
        template: String? = null,
        write: EvalItem.() -> Chat,
    ): Unit = evals(path, InputItem.EvalWriter.OfQuestions(template) { it.write().written() })

    /**
     * Adds a contrast for each line of a file of SycophancyEval (Sharma et al. 2023): the right answer and the wrong one that
     * the line names, after a [clean] dialogue without anybody's opinion and a [corrupted] one. Its pattern is the contrast's template.
     *
     * @param before text before each answer, such as a blank if the dialogue begins the assistant's turn
     */
    public fun fromSycophancyEval(
        path: String,
        clean: SycophancyItem.() -> Chat = { chat { user(question) } },
        corrupted: SycophancyItem.() -> Chat = { dialogue() },
        before: String = "",
    ): Unit =
        evals(
            path,
            InputItem.EvalWriter.OfDialogues(before, { it.clean().written() }, { it.corrupted().written() }),
        )

    private fun evals(
        path: String,
        writer: InputItem.EvalWriter,
    ) {
        items += InputItem.Evals(ScriptContext.current.file(path), ScriptLines.line(), writer)
    }

    private fun groups(
        template: String?,
        relation: String?,
    ): Map<Grouping, String> =
        listOf(Grouping.Template to template, Grouping.Relation to relation)
            .mapNotNull { (by, group) -> group?.let { by to it } }
            .toMap()

    internal fun add(
        clean: InputSource,
        answers: List<String>,
        corrupted: InputSource?,
        foils: List<String>,
        label: String?,
        groups: Map<Grouping, String> = emptyMap(),
        candidates: List<String> = emptyList(),
    ) {
        items +=
            InputItem.One(
                DeclaredContrast(
                    clean = clean,
                    answers = answers,
                    corrupted = corrupted,
                    foils = foils,
                    label = label,
                    line = ScriptLines.line(),
                    groups = groups,
                    candidates = candidates,
                ),
            )
    }

    /**
     * Adds the contrasts of a `.csv` file: a row of field names, then a row per contrast; an empty value means none.
     */
    public fun fromCsv(path: String): Unit = fromJson(path)
}

/**
 * An entry of a contrast file, for writing prompts.
 *
 * @property clean its clean prompt, brackets included
 * @property answer without the blank in front; the first of several
 * @property foil without the blank in front, the first of several; empty if it has none
 */
public class WrittenQuestion internal constructor(
    public val clean: String,
    public val answer: String,
    public val foil: String,
)

/** Declares the contrasts of a model that sees all positions. */
@KausalDsl
public class EncoderContrastsScope internal constructor() : ContrastsScope() {
    /** Adds a clean [pair] of sentences and its counterpart. */
    public fun contrast(
        clean: SentencePair,
        answer: String,
        corrupted: SentencePair? = null,
        foil: String? = null,
        label: String? = null,
    ): Unit = contrast(clean, listOf(answer), corrupted, listOfNotNull(foil), label)

    /** Adds a contrast with several right words, as for prompts. */
    public fun contrast(
        clean: SentencePair,
        answers: List<String>,
        corrupted: SentencePair? = null,
        foils: List<String> = emptyList(),
        label: String? = null,
    ): Unit = add(clean.written(), answers, corrupted?.written(), foils, label)
}
