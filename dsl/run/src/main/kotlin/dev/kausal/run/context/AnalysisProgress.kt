package dev.kausal.run.context

/** Receives the progress of an analysis. */
public interface AnalysisProgress {
    /** Begins the analysis [name], which will compute [cells] numbers or passes. */
    public fun begin(
        name: String,
        cells: Int,
    )

    /** Begins the analysis [name], which will write arrays of [megabytes], the unit of [done]. */
    public fun beginArrays(
        name: String,
        megabytes: Int,
    ): Unit = begin(name, megabytes)

    /** Reports that [done] of them are finished. */
    public fun done(done: Int)

    /** Ends the analysis. */
    public fun end()
}
