package dev.kausal.reports.stories

import dev.kausal.reports.result.EditKind
import dev.kausal.reports.result.Grid
import dev.kausal.reports.result.editKind
import dev.kausal.reports.result.found
import dev.kausal.reports.result.higherIsBetter

/** What the effects that were found mean, for the kind of edit and the sign that they have. */
internal val EFFECT_MEANINGS: List<Sentence> =
    listOf(Suffices, CorruptionHurts, AblationHurts, AblationHelps, Overcomes)

/** If clean activations bring something back in a corrupted run. */
internal object Suffices : Sentence {
    override fun of(grid: Grid): String? {
        if (grid.editKind != EditKind.RESTORE || effects(grid, better = true).isEmpty()) return null
        return "What is restored shows that the clean activation there is enough to bring that much of the answer " +
            "back, not that the model needs it."
    }
}

/** If corrupted activations cost the clean run its answer. */
internal object CorruptionHurts : Sentence {
    override fun of(grid: Grid): String? {
        if (grid.editKind != EditKind.CORRUPT || effects(grid, better = false).isEmpty()) return null
        return "What is lost shows that the answer needs what the clean activation carries there, not that this is " +
            "enough."
    }
}

/** If the clean run does worse without a part. */
internal object AblationHurts : Sentence {
    override fun of(grid: Grid): String? {
        if (grid.editKind != EditKind.ABLATE || effects(grid, better = false).isEmpty()) return null
        return "Where the model does worse without a part, the answer needs that part; it need not be enough."
    }
}

/** If the clean run does better without a part. */
internal object AblationHelps : Sentence {
    override fun of(grid: Grid): String? {
        if (grid.editKind != EditKind.ABLATE || effects(grid, better = true).isEmpty()) return null
        return "Where the model does better without a part, that part works against the answer."
    }
}

/** If the corrupted run does better without a part. */
internal object Overcomes : Sentence {
    override fun of(grid: Grid): String? {
        if (grid.editKind != EditKind.ABLATE_CORRUPTED || effects(grid, better = true).isEmpty()) return null
        return "Where the edited run does better without a part, that part pushes it away from the answer."
    }
}

/** Cells that are shown to make the model better at the answer, or worse; none where the metric's direction is not known. */
private fun effects(
    grid: Grid,
    better: Boolean,
): List<Int> {
    val up = grid.higherIsBetter ?: return emptyList()
    return found(grid).filter { (changeOf(grid, it) > 0) == (up == better) }
}
