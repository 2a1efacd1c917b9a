package dev.kausal.experiments.shards

import dev.kausal.run.context.Assignment.ShardOf

/**
 * How a shard ended.
 *
 * @property experiment the experiment's name
 * @property computed number of parts that it computed
 * @property found number of parts that were there
 * @property waiting other shards that have not ended, whose parts the next analyses need
 * @property left other shards that have ended, but compute parts of later analyses if they are run again
 * @property forMerge analyses that only the merge computes
 */
internal data class ShardReport(
    val experiment: String,
    val shard: ShardOf,
    val computed: Int,
    val found: Int,
    val waiting: List<Int>,
    val left: List<Int>,
    val forMerge: List<String>,
) {
    /** Sentences about what comes next, for the folder [out]. */
    fun next(out: String): List<String> =
        listOfNotNull(
            "Only the merge computes ${forMerge.joinToString()}: large arrays.".takeIf { forMerge.isNotEmpty() },
            when {
                waiting.isNotEmpty() -> {
                    "Later analyses need ${named(waiting)}, not ended yet. Then merge (./kausal merge $out), " +
                        "or repeat all shards to divide later analyses too."
                }

                left.isNotEmpty() -> {
                    "Merge (./kausal merge $out), which computes the rest, or divide it: run ${named(left)} again."
                }

                else -> {
                    "All parts are there: ./kausal merge $out"
                }
            },
        )

    private fun named(shards: List<Int>): String =
        (if (shards.size == 1) "shard " else "shards ") +
            shards.take(NAMED).joinToString { ShardName.of(ShardOf(it, shard.count)) } +
            if (shards.size > NAMED) ", ..." else ""

    private companion object {
        const val NAMED = 20
    }
}
