package dev.kausal.reports.stories

import dev.kausal.reports.result.EditKind
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.found
import dev.kausal.reports.result.higherIsBetter

/** Meanings of significant effects, by the kind of edit and their sign. */
internal val EFFECT_MEANINGS: List<Sentence> =
    listOf(Suffices, CorruptionHurts, AblationHurts, AblationHelps, Overcomes)

/** If clean activations restore the answer in a corrupted run. */
internal object Suffices : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (grid.editKind != EditKind.RESTORE || effects(grid, better = true).isEmpty()) return null
        return "Restored effects show that the clean activation suffices, not that it is necessary."
    }
}

/** If corrupted activations remove the answer from the clean run. */
internal object CorruptionHurts : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (grid.editKind != EditKind.CORRUPT || effects(grid, better = false).isEmpty()) return null
        return "Lost effects show that the clean activation is necessary, not that it suffices."
    }
}

/** If the clean run does worse without a component. */
internal object AblationHurts : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (grid.editKind != EditKind.ABLATE || effects(grid, better = false).isEmpty()) return null
        return "Components whose ablation hurts are necessary for the answer; they need not suffice."
    }
}

/** If the clean run does better without a component. */
internal object AblationHelps : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (grid.editKind != EditKind.ABLATE || effects(grid, better = true).isEmpty()) return null
        return "Components whose ablation helps work against the answer."
    }
}

/** If the corrupted run does better without a component. */
internal object Overcomes : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (grid.editKind != EditKind.ABLATE_CORRUPTED || effects(grid, better = true).isEmpty()) return null
        return "Components whose ablation helps push the corrupted run away from the answer."
    }
}

/** Returns the cells that significantly improve the answer, or worsen it; none if the metric has no known direction. */
private fun effects(
    grid: ResultGrid,
    better: Boolean,
): List<Int> {
    val up = grid.higherIsBetter ?: return emptyList()
    return found(grid).filter { (changeOf(grid, it) > 0) == (up == better) }
}
