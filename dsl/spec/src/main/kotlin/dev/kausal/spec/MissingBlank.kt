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

/** Announces what this experiment will measure in both forms, by set; null if nothing. */
public fun missingBlankText(spec: ExperimentSpec): String? =
    spec.contrasts
        .mapNotNull { set ->
            val each = set.contrasts.map { it.withoutBlanks }
            val words = each.flatten()
            if (words.isEmpty()) null else withoutBlank(set.shown, each.count { it.isNotEmpty() }, words)
        }.ifEmpty { null }
        ?.joinToString(" ")

private val ContrastSpec.withoutBlanks: List<String>
    get() = if (answer == null) emptyList() else (answers + foils).filter { it.spaced != null }.map { it.text }

private fun withoutBlank(
    set: String,
    contrasts: Int,
    words: List<String>,
): String {
    val different = words.distinct()
    val shown = different.take(SHOWN).joinToString { "\"$it\"" } + if (different.size > SHOWN) ", ..." else ""
    val what = if (contrasts == 1) "contrast" else "contrasts"
    return "$contrasts $what of $set: no leading blank in $shown, although the prompt does not end in " +
        "one and the model has tokens with it, which are others."
}

private fun inRun(
    run: String,
    forms: List<TwoForms>,
): String {
    val spaced = decimals(forms.map { it.spaced }.average())
    return "$spaced instead of ${decimals(forms.map { it.written }.average())} in the $run run"
}

private const val SHOWN = 4
