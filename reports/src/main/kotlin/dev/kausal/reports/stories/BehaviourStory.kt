package dev.kausal.reports.stories

import dev.kausal.reports.result.BehaviourGroups
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.pOf
import dev.kausal.reports.result.pWords
import dev.kausal.reports.result.share
import dev.kausal.reports.result.shares
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.BehaviourSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Inferred
import dev.kausal.spec.ResultKind
import dev.kausal.spec.words

/** Answers of the unedited runs by group. */
internal object BehaviourStory : Story<BehaviourSpec> {
    override val spec = BehaviourSpec::class
    override val kind = ResultKind.Behaviour

    override fun title(grid: ResultGrid): String = "shares and shifts by ${grid.axes.first().name}"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Bars

    override fun method(spec: BehaviourSpec): String =
        "Unedited behaviour by ${spec.by.words}: share of examples that prefer the answer to the foil in the clean " +
            "and in the corrupted prompt, share that flips from answer to foil, and shift of the " +
            "${metricWords(spec.metric)} from the clean to the corrupted prompt.${methodOfControls(spec)}"

    override fun findings(grid: ResultGrid): List<String> = listOf(headline(grid))

    /** Describes how many examples flip by group, and which groups shift more than the controls. */
    override fun headline(grid: ResultGrid): String = BehaviourSentences(grid).headline()

    /** States what cannot be concluded without a control; the figure's tables hold the numbers. */
    override fun evidence(
        grid: ResultGrid,
        inferred: Inferred,
    ): List<String> = if (BehaviourGroups(grid).controls.isEmpty()) listOf(UNCONTROLLED) else emptyList()

    private const val UNCONTROLLED =
        "Without a control that merely mentions the foil, these shifts may be due to the mention."
}

private class BehaviourSentences(
    private val grid: ResultGrid,
) {
    private val groups = BehaviourGroups(grid)
    private val names = groups.names
    private val controls = groups.controls

    fun headline(): String {
        val flips = if (controls.isEmpty()) {
            "Flips from answer to foil: ${listed(names.indices.map(::turned))}."
        } else {
            "Flips from answer to foil in the controls: ${listed(controls.map { turned(names.indexOf(it)) })}."
        }
        val tests = if (controls.isEmpty()) emptyList() else listOfNotNull(more(), less())
        return (listOfNotNull(unanswered()) + flips + tests).joinToString(" ")
    }

    /** Names the groups whose questions the model answers no better than chance; null if there are none. */
    private fun unanswered(): String? {
        val chance = names.indices.filter { group ->
            val cell = groups.clean(group)
            (grid.interval(cell)?.first ?: grid.mean(cell) ?: 1.0) <= CHANCE
        }
        if (chance.isEmpty()) return null
        val each = chance.map { "${names[it]} ${share(grid.mean(groups.clean(it)))}${shares(grid, groups.clean(it))}" }
        return "Not answered by the model, which prefers the answer in no more than half of the clean prompts: " +
            "${listed(each)}. Their shifts say nothing of answers that are given up."
    }

    private fun turned(group: Int): String {
        val cell = groups.turned(group)
        return "${names[group]} ${share(grid.mean(cell))}${shares(grid, cell)} of ${groups.size(group)}"
    }

    /** Returns the smallest shift beyond a control; null if one was not computed. */
    private fun least(group: Int): Int? =
        controls.indices.map { groups.shiftBeyond(group, it) }.takeIf { all -> all.all { grid.effect(it) != null } }
            ?.maxBy { grid.effect(it)!! }

    /**
     * Returns whether [group] shifts the logit difference further to the foil than every control if [sign] is -1, less
     * if 1.
     */
    private fun beyondEach(
        group: Int,
        sign: Int,
    ) = controls.indices.all { control ->
        groups.shiftBeyond(group, control).let { it in groups.found && grid.effect(it)!! * sign > 0 }
    }

    /** Names the groups that significantly shift the logit difference further to the foil than each control. */
    private fun more(): String {
        val further = groups.others.filter { beyondEach(it, -1) }
        if (further.isNotEmpty()) {
            return "Larger shift to the foil than in ${each()}: ${listed(further.map { names[it] + beyond(it) })}."
        }
        val known = groups.others.filter { least(it) != null }
        val largest = known.minByOrNull { grid.effect(least(it)!!)!! } ?: return NOT_PAIRED
        val nearest = "Largest shift: ${names[largest]}${beyond(largest)}"
        val none = "is shown to shift it further than ${each()}"
        return when {
            grid.result.inference == null -> "$nearest, not tested."
            groups.few != null -> "$nearest, not tested (${groups.few})."
            known.size == 1 -> "${names[largest]} ${none.replaceFirst("is", "is not")}${beyond(largest)}."
            else -> "None of ${known.size} others $none. $nearest."
        }
    }

    private fun each(): String = if (controls.size == 1) controls[0] else "every control"

    private fun less(): String? {
        val shorter = groups.others.filter { beyondEach(it, 1) }
        return if (shorter.isEmpty()) null else "Smaller than in ${each()}: ${listed(shorter.map { names[it] })}."
    }

    /** Returns the smallest shift of a group beyond a control, in brackets. */
    private fun beyond(group: Int): String {
        val cell = least(group) ?: return ""
        val control = controls[controls.indices.first { groups.shiftBeyond(group, it) == cell }]
        val p = pOf(grid, cell)?.let { "; ${pWords(it)}" }.orEmpty()
        val interval = grid.interval(cell)?.let { (low, high) -> ", ${number(low)} to ${number(high)}" }.orEmpty()
        return " (${signed(grid.effect(cell)!!)} beyond $control$interval$p)"
    }

    private companion object {
        /** Share of answers that are preferred to the foil by chance. */
        const val CHANCE = 0.5
        const val NOT_PAIRED = "No question occurs both with and without a control."
    }
}

/** Describes how controls are subtracted, for the method. */
private fun methodOfControls(spec: BehaviourSpec): String =
    if (spec.against.isEmpty()) {
        ""
    } else {
        " The same question's value under ${listed(spec.against)} is subtracted from that under each other " +
            "${spec.by.words}."
    }
