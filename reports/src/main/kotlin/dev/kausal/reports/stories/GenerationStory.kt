package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.ofThree
import dev.kausal.reports.result.pOf
import dev.kausal.reports.result.pWords
import dev.kausal.reports.result.points
import dev.kausal.reports.result.share
import dev.kausal.reports.words.at
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.reports.words.run
import dev.kausal.reports.words.shownToken
import dev.kausal.reports.words.signed
import dev.kausal.reports.words.value
import dev.kausal.spec.During
import dev.kausal.spec.FigureKind
import dev.kausal.spec.GeneratedText
import dev.kausal.spec.GenerationSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Stopped
import dev.kausal.spec.TokenChoiceSpec

/** Texts that a model wrote. */
internal object GenerationStory : Story<GenerationSpec> {
    override val spec = GenerationSpec::class
    override val kind = ResultKind.Generation

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Texts

    override fun title(grid: ResultGrid): String = "texts by variant"

    override fun method(spec: GenerationSpec): String =
        listOfNotNull(continued(spec), ends(spec), edited(spec), measured(spec)).joinToString(" ")

    override fun findings(grid: ResultGrid): List<String> =
        listOf(RightTexts, NoTextDiffers, TextsDiffer, TextsEnd).all(grid)
}

private fun continued(spec: GenerationSpec): String {
    val how =
        when (val choice = spec.choice) {
            TokenChoiceSpec.Greedy -> "always by the likeliest token (greedy decoding)"
            is TokenChoiceSpec.Sampled -> drawn(choice)
        }
    return "The prompts of ${run(spec.run)} are continued by at most ${count(spec.tokens, "token")}, $how."
}

private fun drawn(choice: TokenChoiceSpec.Sampled): String {
    val nucleus = if (choice.topP < 1) " among the likeliest tokens of total probability ${number(choice.topP)}" else ""
    val texts = if (choice.samples > 1) ", ${count(choice.samples, "text")} each" else ""
    val temperature = number(choice.temperature)
    return "by tokens drawn at temperature $temperature$nucleus (seed ${choice.seed}, the same random numbers in all " +
        "variants)$texts"
}

private fun ends(spec: GenerationSpec): String =
    if (spec.ends.isEmpty()) {
        "The model's files name no end token."
    } else {
        "A text ends at ${listed(spec.ends.map { "\u201c${shownToken(it.text)}\u201d" })}."
    }

private fun edited(spec: GenerationSpec): String? {
    val edits = spec.cells.flatMap { it.edits }
    if (edits.isEmpty()) return null
    val during = during(spec.during).takeIf { edits.any { it.at == PlaceSpec.All } }
    val kinds = edits.map { edit ->
        val where = if (edit.at == PlaceSpec.All) during else at(edit.at)
        "activations are ${value(edit.value)} $where"
    }.distinct()
    val variants = count(spec.cells.size - 1, "variant")
    return "Besides the unedited text, $variants with edits (spec.json lists the sites): ${listed(kinds)}."
}

private fun during(during: During): String =
    when (during) {
        During.Prompt -> "at the prompt's positions"
        During.Answer -> "at the prompt's last position and all positions after it"
        During.All -> "at all positions of prompt and answer"
    }

private fun measured(spec: GenerationSpec): String {
    val draws = if (spec.choice.samples > 1) ", mean over the texts of a prompt" else ""
    val score =
        spec.score ?: return "The number of a text is the mean log probability of its tokens in nats$draws, by the " +
            "model with the variant's edits, at temperature 1."
    return "The number of a text is 1 if it is right and 0 otherwise$draws (${score.of(spec.run)})."
}

/** The texts of each edited variant, with the unedited ones of the same examples and draws. */
private fun variants(grid: ResultGrid): List<Pair<String, List<Pair<GeneratedText, GeneratedText>>>> {
    val texts = grid.result.texts.orEmpty()
    return grid.axes.first().labels.indices.drop(1).map { variant ->
        grid.labels(0)[variant] to texts.flatMap { cells -> cells[variant].zip(cells.first()) }
    }
}

private fun differing(of: List<Pair<GeneratedText, GeneratedText>>): Int = of.count { (a, b) -> a.ids != b.ids }

private val NoTextDiffers =
    Sentence { grid ->
        val variants = variants(grid)
        "No edited text differs from the unedited one.".takeIf {
            variants.isNotEmpty() && variants.all { differing(it.second) == 0 }
        }
    }

/** Number of variants that a sentence names. */
private const val NAMED = 3

private val TextsDiffer =
    Sentence { grid ->
        val found = variants(grid).map { (name, texts) -> Triple(name, differing(texts), texts.size) }
        when {
            found.all { it.second == 0 } -> {
                null
            }

            found.size <= NAMED -> {
                val each = found.map { (name, differ, of) -> "$differ of $of ($name)" }
                "Texts that differ from the unedited ones: ${listed(each)}."
            }

            else -> {
                val least = found.minBy { it.second }
                val most = found.maxBy { it.second }
                "Of ${least.third} texts, ${least.second} (${least.first}) to ${most.second} (${most.first}) differ " +
                    "from the unedited ones."
            }
        }
    }

private val RightTexts =
    Sentence { grid ->
        val spec = grid.analysis as? GenerationSpec
        spec?.score?.let { score ->
            val cells = grid.axes.first().labels.indices
            val shown = if (cells.count() <= NAMED + 1) cells.toList() else listOfNotNull(0, lowest(grid), grid.highest)
            val each = shown.distinct().joinToString("; ") { cell ->
                val more = if (cell == 0) {
                    shareWithin(grid, 0)
                } else {
                    listOfNotNull(
                        share(grid.mean(cell)),
                        changeOfShare(grid, cell)?.let { "($it)" },
                    ).joinToString(" ")
                }
                "${grid.labels(0)[cell]} $more"
            }
            val range = if (shown.size < cells.count()) " at least and at most" else ""
            "Share of ${score.of(spec.run)}$range: $each."
        }
    }

/** Returns whether a rule scores the texts. */
internal fun textsScored(grid: ResultGrid): Boolean = (grid.analysis as? GenerationSpec)?.score != null

/** Returns a share with its interval. */
internal fun shareWithin(
    grid: ResultGrid,
    cell: Int,
): String {
    val low = grid.result.ciLow.getOrNull(cell) ?: return share(grid.mean(cell))
    val high = grid.result.ciHigh.getOrNull(cell) ?: return share(grid.mean(cell))
    if (low == high) return share(grid.mean(cell)) + ofThree(high, grid.result.examples.size)
    return "${share(grid.mean(cell))} (${share(low.coerceAtLeast(0.0))} to ${share(high.coerceAtMost(1.0))})"
}

/** Returns by how many points the edit of [cell] changes the share, with interval and p; null if that was not computed. */
internal fun changeOfShare(
    grid: ResultGrid,
    cell: Int,
): String? {
    val change = grid.result.change ?: return null
    val (low, high) = (change.ciLow.getOrNull(cell) ?: return null) to (change.ciHigh.getOrNull(cell) ?: return null)
    val p = pOf(grid, cell)?.let { "; ${pWords(it)}" }.orEmpty()
    return "${points(change.mean.getOrNull(cell))}, ${signed(PERCENT * low, 0)} to ${signed(PERCENT * high, 0)}$p"
}

private const val PERCENT = 100

private fun lowest(grid: ResultGrid): Int? = grid.cellOfMost { cell -> grid.mean(cell)?.unaryMinus() }

private val TextsEnd =
    Sentence { grid ->
        val unedited = grid.result.texts.orEmpty().flatMap { it.first() }
        val ended = unedited.count { it.stopped == Stopped.EndToken }
        when {
            unedited.isEmpty() -> null
            ended == 0 -> "No unedited text ends by itself; all are cut."
            ended == unedited.size -> "All unedited texts end by themselves."
            else -> "$ended of ${unedited.size} unedited texts end by themselves; the others are cut."
        }
    }
