package dev.kausal.reports.page

import dev.kausal.bundle.Bundle
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.TokenSpec
import kotlinx.html.CODE
import kotlinx.html.FlowContent
import kotlinx.html.code
import kotlinx.html.details
import kotlinx.html.div
import kotlinx.html.h3
import kotlinx.html.li
import kotlinx.html.p
import kotlinx.html.pre
import kotlinx.html.span
import kotlinx.html.strong
import kotlinx.html.summary
import kotlinx.html.table
import kotlinx.html.tbody
import kotlinx.html.td
import kotlinx.html.th
import kotlinx.html.tr
import kotlinx.html.ul

/** Number of prompts of a set that are shown at once, and of further ones that are folded; spec.json has all. */
private const val OPEN_PROMPTS = 6
private const val MOST_PROMPTS = 60

/** Number of answers of one contrast that a sentence names. */
private const val NAMED = 3

/** How several answers or foils are combined. */
private const val SETS =
    " Of several answers or foils, logits are averaged and probabilities summed; accuracy asks whether the likeliest " +
        "of all of them is an answer."

internal fun FlowContent.method(bundle: Bundle) {
    val spec = bundle.spec
    p { +modelSentence(spec) }
    p {
        +"SHA-256 of the weights: "
        spec.model.sha256?.let { code { +it } } ?: +"not recorded."
    }
    spec.contrasts.forEach { set ->
        p {
            strong { +set.shown }
            +": ${count(set.contrasts.size, noun(set))}"
            set.contrasts.firstOrNull()?.let { +", such as ${contrastWords(it)}" }
            if (spec.analyses.none { it.contrasts == set.name }) +"; no analysis uses it"
            +"."
            if (set.contrasts.any { it.answers.size > 1 || it.foils.size > 1 }) +SETS
        }
    }
    if (spec.tokens.isNotEmpty()) {
        val named = spec.tokens.map { "\u201c${shownToken(it.text)}\u201d (token ${it.id})" }
        p { +"Tokens that functions of the script name: ${listed(named)}." }
    }
    if (spec.omitted.isNotEmpty()) {
        p {
            +"Skipped, because they need another kind of model: "
            +spec.omitted.groupBy { it.needs }.entries.joinToString("; ") { (kind, skipped) ->
                "${listed(skipped.map { it.name })} ($kind)"
            }
            +"."
        }
    }
    filtered(bundle.results.filters, spec)
    analyses(spec)
    val grids = bundle.results.results.map { ResultGrid(it, spec) }
    statistics(grids)
    audits(grids)
}

/** Returns the noun for the inputs of [set]. */
private fun noun(set: ContrastSetSpec): String =
    when {
        set.contrasts.any { it.corrupted != null || it.foil != null } -> "contrast"
        set.contrasts.any { it.clean.image != null } -> "image"
        set.contrasts.all { it.answer == null } -> "prompt"
        else -> "contrast"
    }

/**
 * Describes an example of a set: `“The Eiffel Tower is in” → “Paris” (foil “Rome”, corrupted “The Colosseum is in”)`.
 */
private fun contrastWords(contrast: ContrastSpec): String {
    val what = listOfNotNull(contrast.clean.text, contrast.clean.second).joinToString(" | ")
    val answer = named(contrast.answers)?.let { " \u2192 $it" }.orEmpty()
    val others =
        listOfNotNull(
            named(contrast.foils)?.let { "foil $it" },
            contrast.corrupted?.let { "corrupted \u201c${it.text}\u201d" },
        )
    return "\u201c$what\u201d$answer" + if (others.isEmpty()) "" else others.joinToString(", ", " (", ")")
}

/** Returns `“Paris”`, or `“03”, “04” and 95 more`; null for none. */
private fun named(tokens: List<TokenSpec>): String? {
    if (tokens.isEmpty()) return null
    val shown = tokens.take(NAMED).map { "\u201c${shownToken(it.text)}\u201d" }
    val more = tokens.size - shown.size
    return if (more == 0) listed(shown) else shown.joinToString() + " and $more more"
}

internal fun FlowContent.prompts(spec: ExperimentSpec) {
    p { +"Each box is a token with its position. The subject is shaded." }
    spec.contrasts.forEach { set ->
        div {
            attributes["data-set"] = set.shown
            contrasts(set)
        }
    }
}

private fun FlowContent.contrasts(set: ContrastSetSpec) {
    h3 { +set.shown }
    set.contrasts.take(OPEN_PROMPTS).forEach { contrast(it) }
    val more = set.contrasts.drop(OPEN_PROMPTS).take(MOST_PROMPTS)
    if (more.isEmpty()) return
    details {
        summary { +"${count(more.size, "more " + noun(set))}" }
        more.forEach { contrast(it) }
    }
    val left = set.contrasts.size - OPEN_PROMPTS - more.size
    if (left > 0) p { +"${count(left, "more " + noun(set))} of ${set.shown} in spec.json." }
}

private fun FlowContent.contrast(contrast: ContrastSpec) {
    div("contrast") {
        p("label") { strong { +contrast.label } }
        prompt("clean", contrast.clean)
        contrast.corrupted?.let { prompt("corrupted", it) }
        if (contrast.answers.isNotEmpty()) {
            p("answer") {
                +"Answer "
                contrast.answers.forEach { code("token") { +it.text } }
                if (contrast.foils.isNotEmpty()) +" foil "
                contrast.foils.forEach { code("token") { +it.text } }
            }
        }
    }
}

private fun FlowContent.prompt(
    name: String,
    prompt: PromptSpec,
) {
    div("prompt") {
        span("side") { +name }
        prompt.image?.let { image ->
            span("token") {
                +"${prompt.text}, read as ${image.rows} \u00d7 ${image.columns} pixels, "
                +"${image.gridRows} \u00d7 ${image.gridColumns} patches"
            }
            return@div
        }
        prompt.tokens.forEachIndexed { i, token ->
            val marked = prompt.subject?.let { i in it.first..it.last } == true
            span(if (marked) "token subject" else "token") {
                span("at") { +"$i" }
                +token.replace("\n", "\u23ce")
            }
        }
    }
}

internal fun FlowContent.again(bundle: Bundle) {
    val environment = bundle.environment
    if (environment.command.isNotEmpty()) scrolled { +environment.command.joinToString(" ") { shellWord(it) } }
    div("scroll") {
        attributes["tabindex"] = "0"
        table("environment") {
            tbody {
                row("Kausal", environment.kausal)
                environment.versions.forEach { (name, version) -> row(name, version) }
                row("Processor", environment.processor)
                if (environment.device != "cpu") row("Device", environment.device)
                row("Threads", environment.threads.toString())
                row("Number format", environment.dtype)
                if (environment.streamed) row("Weights", "read from their file layer by layer, in each pass")
                row("Executor", environment.executor)
                row("Seed", bundle.spec.seed.toString())
                bundle.spec.parameters.forEach { (name, value) -> row("Parameter $name", value) }
                environment.plan.forEach { (name, value) -> row("Plan: $name", value.toString()) }
                row("Started", environment.started)
                environment.seconds.forEach { (name, value) -> row("Seconds: $name", number(value, 2)) }
            }
        }
    }
    details {
        summary { +"The script, ${bundle.spec.script}" }
        scrolled { +bundle.script }
    }
}

/** Writes code that scrolls by itself, also by the keyboard. */
private fun FlowContent.scrolled(content: CODE.() -> Unit) {
    pre {
        attributes["tabindex"] = "0"
        code(block = content)
    }
}

private fun kotlinx.html.TBODY.row(
    name: String,
    value: String,
) {
    tr {
        th { +name }
        td { +value }
    }
}

private val PLAIN_WORD = Regex("[A-Za-z0-9_./:=@%+,-]+")

/** Returns [word] quoted for a POSIX shell. */
internal fun shellWord(word: String): String =
    if (PLAIN_WORD.matches(word)) word else "'" + word.replace("'", "'\\''") + "'"
