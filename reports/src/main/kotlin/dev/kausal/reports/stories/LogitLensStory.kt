package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.run
import dev.kausal.reports.words.shownToken
import dev.kausal.spec.FigureKind
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.ResultKind

/** Most likely tokens after each layer. */
internal object LogitLensStory : Story<LogitLensSpec> {
    override val spec = LogitLensSpec::class
    override val kind = ResultKind.LogitLens

    override val parts: List<ResultStory> = listOf(LensTokensStory)

    override fun title(grid: ResultGrid): String = "likeliest tokens after each layer"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Table

    override fun method(spec: LogitLensSpec): String =
        "Logit lens on ${run(spec.run)} (nostalgebraist 2020): the residual stream after every layer, read through " +
            "the final norm and the unembedding; the ${count(spec.top, "likeliest token")} are kept." + followed(spec)

    private fun followed(spec: LogitLensSpec): String {
        if (spec.tokens.isEmpty()) return ""
        val names = listed(spec.tokens.map { "\u201c${shownToken(it.text)}\u201d (token ${it.id})" })
        return " It also gives logit, probability and rank (1 is the likeliest) of $names."
    }

    override fun findings(grid: ResultGrid): List<String> = listOf(SettledLayer.of(grid) ?: rangeFinding(grid))
}

/** Names the layer from which on the answer is the most likely token at the last position, over all examples. */
internal object SettledLayer : Sentence {
    override fun of(grid: ResultGrid): String? {
        val top = grid.result.top ?: return null
        val contrasts = grid.set?.contrasts.orEmpty()
        val layer = grid.axes.indexOfFirst { it.name == "layer" }
        if (grid.axes.size != 2 || layer < 0 || contrasts.size != top.size || top.isEmpty()) return null
        val answers = contrasts.map { example -> example.answers.map { it.text }.ifEmpty { return null } }
        val settled = top.indices.map { example -> settled(grid, example, answers[example]) }
        val labels = grid.labels(layer)
        val right = settled.filterNotNull().sorted()
        if (top.size == 1) return one(grid, settled.single()?.let { labels[it] }, answers.single())
        val all = count(top.size, "example")
        if (right.isEmpty()) return "After the last layer, the answer is the likeliest token in none of $all."
        val ends = "${labels[right.first()]} to ${labels[right.last()]}"
        val median = labels[right[(right.size - 1) / 2]]
        val range = if (right.first() == right.last()) "layer $median" else "layer $median (the median; $ends)"
        return "At the last position, the answer is the likeliest token from $range on in ${right.size} of $all."
    }

    private fun one(
        grid: ResultGrid,
        from: String?,
        answers: List<String>,
    ): String {
        val named = if (answers.size > 1) "an answer" else "the answer \u201c${shownToken(answers.single())}\u201d"
        if (from != null) return "At the last position, $named is the likeliest token from layer $from on."
        val guess = "\u201c${shownToken(tokens(grid, 0).lastOrNull().orEmpty())}\u201d"
        return "At the last position, the likeliest token after the last layer is $guess, not $named."
    }

    /**
     * Returns the first layer from which on one of [answers] remains the most likely token; null if none is at the end.
     */
    private fun settled(
        grid: ResultGrid,
        example: Int,
        answers: List<String>,
    ): Int? {
        val likeliest = tokens(grid, example)
        return likeliest.indices.reversed().takeWhile { likeliest[it] in answers }.lastOrNull()
    }

    /** Lists the most likely token after each layer, at the example's last position. */
    private fun tokens(
        grid: ResultGrid,
        example: Int,
    ): List<String?> {
        val layer = grid.axes.indexOfFirst { it.name == "layer" }
        val cells = grid.result.top!![example]

        fun at(
            l: Int,
            position: Int,
        ) = cells.getOrNull(grid.index(if (layer == 0) listOf(l, position) else listOf(position, l))).orEmpty()
        val last = (grid.sizes[1 - layer] - 1 downTo 0).firstOrNull { at(0, it).isNotEmpty() } ?: return emptyList()
        return List(grid.sizes[layer]) { at(it, last).firstOrNull()?.token }
    }
}
