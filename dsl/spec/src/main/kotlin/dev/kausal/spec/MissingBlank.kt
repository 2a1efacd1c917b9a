package dev.kausal.spec

import kotlinx.serialization.Serializable

/**
 * A contrast whose answer or foil lacks a leading blank, although the model has that token and the prompt does not end
 * in a blank.
 *
 * @property contrasts name of its set
 * @property label its label
 * @property corrupted null if it has no corrupted prompt
 * @property moreAnswers the further answers; [moreFoils] the further foils
 */
@Serializable
public data class MissingBlank(
    val contrasts: String,
    val label: String,
    val answer: TokenSpec,
    val foil: TokenSpec? = null,
    val clean: TwoForms,
    val corrupted: TwoForms? = null,
    val moreAnswers: List<TokenSpec> = emptyList(),
    val moreFoils: List<TokenSpec> = emptyList(),
) {
    /** The answers that lack a blank, as written. */
    val written: List<String>
        get() = (listOfNotNull(answer, foil) + moreAnswers + moreFoils).filter { it.spaced != null }.map { it.text }
}

/**
 * The answer's logit minus the foil's, or the answer's alone if there is no foil; means over several.
 *
 * @property written for the tokens as written
 * @property spaced for the tokens with a leading blank
 */
@Serializable
public data class TwoForms(
    val written: Double,
    val spaced: Double,
)

/** Describes the effect of [missing], from one set that the script calls [set]: the numbers of both forms. */
public fun missingBlankText(
    set: String,
    missing: List<MissingBlank>,
): String {
    val n = missing.size
    val foils = missing.all { it.foil != null }
    val what = if (foils) "logit difference" else "logit of the answer, minus the foil's if any,"
    val mean = if (n == 1) what else "mean $what"
    val corrupted = missing.mapNotNull { it.corrupted }
    val clean = inRun("clean", missing.map { it.clean })
    val runs = clean + if (corrupted.isEmpty()) "" else " and ${inRun("corrupted", corrupted)}"
    return withoutBlank(set, n, missing.flatMap { it.written }) + " With the blank, the $mean would be $runs."
}

/** Returns the sentences on blanks that may be wrong in the sets of [spec], before anything is run; null if there are none. */
public fun missingBlankText(spec: ExperimentSpec): String? =
    spec.contrasts
        .flatMap { set ->
            val each = set.contrasts.map { it.withoutBlanks }
            listOfNotNull(each.sentence { n, words -> withoutBlank(set.shown, n, words) }, blankText(set))
        }.ifEmpty { null }
        ?.joinToString(" ")

private val ContrastSpec.withoutBlanks: List<String>
    get() = if (answer == null) emptyList() else (answers + foils).filter { it.spaced != null }.map { it.text }

/**
 * Returns the sentences on candidates of [set] that may lack their leading blank, and on blanks that both the prompt and the
 * answer have; null if there are none. Neither changes numbers of the run that can be given in both forms.
 */
public fun blankText(set: ContrastSetSpec): String? {
    val candidates = set.contrasts.map { contrast -> contrast.candidates.filter { it.spaced != null }.map { it.text } }
    val doubled = set.contrasts.map { contrast ->
        (contrast.answers + contrast.foils).filter { it.doubled }.map { it.text }
    }
    return listOfNotNull(
        candidates.sentence { n, words -> withoutBlank(set.shown, n, words, "the candidates ") },
        doubled.sentence { n, words ->
            "${counted(n, set.shown)}: the prompt ends in a blank, and so begins the token of ${shown(words)}: " +
                "the model reads two. Leave out the blank at the end of the prompt."
        },
    ).ifEmpty { null }?.joinToString(" ")
}

/** Returns [sentence] of the number of contrasts that have words, and of these words; null if none has any. */
private fun List<List<String>>.sentence(sentence: (Int, List<String>) -> String): String? =
    flatten().ifEmpty { null }?.let { words -> sentence(count { it.isNotEmpty() }, words) }

private fun withoutBlank(
    set: String,
    contrasts: Int,
    words: List<String>,
    what: String = "",
): String =
    "${counted(contrasts, set)}: no leading blank in $what${shown(words)}, although the prompt does not end in " +
        "one and the model has tokens with it, which are others."

private fun counted(
    contrasts: Int,
    set: String,
): String = "$contrasts ${if (contrasts == 1) "contrast" else "contrasts"} of $set"

private fun shown(words: List<String>): String {
    val different = words.distinct()
    return different.take(SHOWN).joinToString { "\"$it\"" } + if (different.size > SHOWN) ", ..." else ""
}

private fun inRun(
    run: String,
    forms: List<TwoForms>,
): String {
    val spaced = decimals(forms.map { it.spaced }.average())
    return "$spaced instead of ${decimals(forms.map { it.written }.average())} in the $run run"
}

private const val SHOWN = 4
