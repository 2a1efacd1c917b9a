package dev.kausal.run.context

/** Hears how far an analysis has come. */
public interface AnalysisProgress {
    /** The analysis [name] begins; it will compute [cells] numbers or passes. */
    public fun begin(
        name: String,
        cells: Int,
    )

    /** The analysis [name] begins; it will write arrays of so many [megabytes], which are then what [done] counts. */
    public fun beginArrays(
        name: String,
        megabytes: Int,
    ): Unit = begin(name, megabytes)

    /** [done] of them are there. */
    public fun done(done: Int)

    /** It is over. */
    public fun end()
}
