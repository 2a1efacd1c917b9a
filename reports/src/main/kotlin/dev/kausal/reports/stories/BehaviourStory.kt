package dev.kausal.reports.stories

import dev.kausal.reports.result.CLAIM
import dev.kausal.reports.result.Grid
import dev.kausal.reports.result.found
import dev.kausal.reports.result.pOf
import dev.kausal.reports.result.pWords
import dev.kausal.reports.result.tooFew
import dev.kausal.reports.result.within
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.BehaviourSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Inferred
import dev.kausal.spec.ResultKind
import dev.kausal.spec.words

/** −ln 0.05: with a chance of 3/n each, n examples all miss in 5 % of samples. */
private const val RULE_OF_THREE = 3.0

private const val TURNED = 2
private const val SHIFT = 3
private const val BEYOND = 4

/** Answers of the unedited runs by group. */
internal object BehaviourStory : Story<BehaviourSpec> {
    override val spec = BehaviourSpec::class
    override val kind = ResultKind.Behaviour

    override fun figure(grid: Grid): FigureKind = FigureKind.Bars

    override fun method(spec: BehaviourSpec): String =
        "Unedited behaviour by ${spec.by.words}: share of examples that prefer the answer to the foil in the clean " +
            "and in the corrupted prompt, share that flips from answer to foil, and shift of the logit difference " +
            "from the clean to the corrupted prompt.${methodOfControls(spec)}"

    override fun findings(grid: Grid): List<String> = listOf(headline(grid))

    /** Returns how many examples flip by group, and the groups with a larger shift than the controls. */
    override fun headline(grid: Grid): String = BehaviourSentences(grid).headline()

    /** Returns shares and shifts of each group, alone and beyond the controls. */
    override fun evidence(
        grid: Grid,
        inferred: Inferred,
    ): List<String> = BehaviourSentences(grid).sentences()
}

private class BehaviourSentences(
    private val grid: Grid,
) {
    private val groups = grid.axes[0].labels
    private val controls = (grid.analysis as? BehaviourSpec)?.against.orEmpty().filter { it in groups }
    private val others = groups.indices.filter { groups[it] !in controls }
    private val found = found(grid).toSet()
    private val few = grid.result.inference?.let(::tooFew)

    private fun cell(
        group: Int,
        quantity: Int,
    ) = grid.index(listOf(group, quantity))

    fun headline(): String {
        if (controls.isEmpty()) return "Flips from answer to foil: ${listed(groups.indices.map(::turned))}."
        val flips = listed(controls.map { turned(groups.indexOf(it)) })
        return listOfNotNull("Flips from answer to foil in the controls: $flips.", more(), less()).joinToString(" ")
    }

    private fun turned(group: Int): String {
        val cell = cell(group, TURNED)
        val n = grid.result.perExample.count { it[cell] != null }
        return "${groups[group]} ${share(grid.mean(cell))}${shares(grid, cell)} of $n"
    }

    private fun turnedBeyond(
        group: Int,
        control: Int,
    ) = cell(group, BEYOND + 2 * control)

    private fun shiftBeyond(
        group: Int,
        control: Int,
    ) = cell(group, BEYOND + 2 * control + 1)

    /** Returns the smallest shift beyond a control; null if one was not computed. */
    private fun least(group: Int): Int? =
        controls.indices.map { shiftBeyond(group, it) }.takeIf { all -> all.all { grid.effect(it) != null } }
            ?.maxBy { grid.effect(it)!! }

    /** Whether [group] shifts the logit difference further to the foil than every control if [sign] is -1, less if 1. */
    private fun beyondEach(
        group: Int,
        sign: Int,
    ) = controls.indices.all { control ->
        shiftBeyond(group, control).let { it in found && grid.effect(it)!! * sign > 0 }
    }

    /** Groups that are shown to shift the logit difference further to the foil than each control does. */
    private fun more(): String {
        val further = others.filter { beyondEach(it, -1) }
        if (further.isNotEmpty()) {
            return "Larger shift to the foil than in ${each()}: ${listed(further.map { groups[it] + beyond(it) })}."
        }
        val known = others.filter { least(it) != null }
        val largest = known.minByOrNull { grid.effect(least(it)!!)!! } ?: return NOT_PAIRED
        val nearest = "Largest shift: ${groups[largest]}${beyond(largest)}"
        return when {
            grid.result.inference == null -> "$nearest, not tested."
            few != null -> "$nearest, not tested ($few)."
            else -> "None of ${count(known.size, "other")} is shown to shift it further than ${each()}. $nearest."
        }
    }

    private fun each(): String = if (controls.size == 1) controls[0] else "every control"

    private fun less(): String? {
        val shorter = others.filter { beyondEach(it, 1) }
        return if (shorter.isEmpty()) null else "Smaller than in ${each()}: ${listed(shorter.map { groups[it] })}."
    }

    /** Returns the smallest shift of a group beyond a control, in brackets. */
    private fun beyond(group: Int): String {
        val cell = least(group) ?: return ""
        val control = controls[controls.indices.first { shiftBeyond(group, it) == cell }]
        val p = pOf(grid, cell)?.let { "; ${pWords(it)}" }.orEmpty()
        val interval = grid.interval(cell)?.let { (low, high) -> ", ${number(low)} to ${number(high)}" }.orEmpty()
        return " (${signed(grid.effect(cell)!!)} beyond $control$interval$p)"
    }

    fun sentences(): List<String> {
        val own =
            groups.indices.map { group ->
                val beyond = if (group in others) controls.indices.map { " " + paired(group, it) } else emptyList()
                own(group) + beyond.joinToString("")
            }
        return if (controls.isEmpty()) own + UNCONTROLLED else own
    }

    private fun own(group: Int): String {
        val shift = cell(group, SHIFT)
        val p = pOf(grid, shift)
        val shown = p?.let(::pWords) ?: "not tested"
        val claim = if (p == null || shift in found) shown else "no effect found, $shown"
        return "${groups[group]}: answer preferred in ${share(grid.mean(cell(group, 0)))} (clean) and " +
            "${share(grid.mean(cell(group, 1)))} (corrupted); ${share(grid.mean(cell(group, TURNED)))}" +
            "${shares(
                grid,
                cell(group, TURNED),
            )} flip; shift ${number(grid.mean(shift))}${within(grid, shift)} ($claim)."
    }

    /** Returns flips and shift of a group beyond a control, paired by question. */
    private fun paired(
        group: Int,
        control: Int,
    ): String {
        val turned = turnedBeyond(group, control)
        val shift = shiftBeyond(group, control)
        val value = grid.mean(shift) ?: return NOT_PAIRED
        val p = pOf(grid, shift)?.let { "; ${pWords(it)}" }.orEmpty()
        val interval =
            grid.interval(turned)?.let { (low, high) -> " (${signed(100 * low, 0)} to ${signed(100 * high, 0)})" }
        return "Beyond ${controls[control]}: ${points(grid.mean(turned))}${interval.orEmpty()} flip, shift " +
            "${number(value)}${within(grid, shift)}$p: ${verdict(shift, value)}."
    }

    private fun verdict(
        shift: Int,
        value: Double,
    ): String {
        val p = pOf(grid, shift)
        val smallest = grid.result.smallest
        val interval = grid.interval(shift)
        return when {
            p == null -> {
                "not tested"
            }

            shift in found && value < 0 -> {
                "larger shift to the foil"
            }

            shift in found -> {
                "smaller shift"
            }

            few != null -> {
                few
            }

            p < CLAIM -> {
                "different by less than the smallest effect of interest"
            }

            smallest != null && interval != null && interval.first > -smallest && interval.second < smallest -> {
                "any difference is below ${number(smallest)}, the smallest effect of interest"
            }

            else -> {
                "no difference found"
            }
        }
    }

    private fun points(value: Double?): String =
        if (value == null) "not computed" else signed(100 * value, 0) + " points"

    private companion object {
        const val NOT_PAIRED = "No question occurs both with and without a control."
        const val UNCONTROLLED =
            "Without a control that merely mentions the foil, these shifts may be due to the mention."
    }
}

/** Returns the interval of a share; by the rule of three (Hanley, Lippman-Hand 1983) if all examples agree. */
internal fun shares(
    grid: Grid,
    cell: Int,
): String {
    val (low, high) = grid.interval(cell) ?: return ""
    val n = grid.result.perExample.count { it[cell] != null }
    if (low < high || n == 0) return " (${share(low)} to ${share(high)})"
    val bound = (RULE_OF_THREE / n).coerceAtMost(1.0)
    return if (high < 1) " (0 % to ${share(bound)})" else " (${share(1 - bound)} to 100 %)"
}

internal fun share(value: Double?): String = if (value == null) "not computed" else "${number(100 * value, 0)} %"

/** The subtraction of controls, for the method. */
private fun methodOfControls(spec: BehaviourSpec): String =
    if (spec.against.isEmpty()) {
        ""
    } else {
        " The same question's value under ${listed(spec.against)} is subtracted from that under each other " +
            "${spec.by.words}."
    }
