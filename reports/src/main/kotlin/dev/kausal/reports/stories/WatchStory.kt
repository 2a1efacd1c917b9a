package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.run
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind
import dev.kausal.spec.WatchSpec

/** Read-only hooks. */
internal object WatchStory : Story<WatchSpec> {
    override val spec = WatchSpec::class
    override val kind = ResultKind.Watch

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Bars

    override fun method(spec: WatchSpec): String =
        "Read-only hook at ${count(spec.sites.size, "hook point")} of ${run(spec.run)}: ${methodOfWatching(spec)}"

    override fun findings(grid: ResultGrid): List<String> = grid.result.notes.take(1)
}

/** Describes the condition under which a read-only hook calls back. */
private fun methodOfWatching(watch: WatchSpec): String {
    val whenever = if (watch.conditioned) "if its condition holds" else "at each"
    val often =
        when {
            !watch.once -> whenever
            watch.conditioned -> "$whenever, once"
            else -> "once"
        }
    return "calls the function at ${watch.place} $often."
}
