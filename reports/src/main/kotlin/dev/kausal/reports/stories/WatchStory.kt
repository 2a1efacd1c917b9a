package dev.kausal.reports.stories

import dev.kausal.reports.result.Grid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.run
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind
import dev.kausal.spec.WatchSpec

/** A hook that only watches. */
internal object WatchStory : Story<WatchSpec> {
    override val spec = WatchSpec::class
    override val kind = ResultKind.Watch

    override fun figure(grid: Grid): FigureKind = FigureKind.Bars

    override fun method(spec: WatchSpec): String =
        "A hook that only watches ${count(spec.sites.size, "hook point")} of ${run(spec.run)}, and " +
            methodOfWatching(spec)

    override fun findings(grid: Grid): List<String> = grid.result.notes.take(1)
}

/** When a watching hook calls back, in words that follow "and". */
private fun methodOfWatching(watch: WatchSpec): String {
    val whenever = if (watch.conditioned) "where its condition holds" else "each time that one is reached"
    val often =
        when {
            !watch.once -> whenever
            watch.conditioned -> "$whenever, the first time only"
            else -> "the first time only"
        }
    return "calls the function at ${watch.place} in the script back, $often. It changes nothing."
}
