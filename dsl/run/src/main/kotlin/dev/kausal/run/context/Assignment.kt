package dev.kausal.run.context

/**
 * Which parts of a run this process computes. Parts are what a [Journal] holds: cells of sweeps, and readings of
 * examples. How a run is cut does not depend on the number of processes.
 */
public sealed interface Assignment {
    /**
     * Returns who computes [part], number [index] of [group], if the journal lacks it: null if this process does, else
     * the number of the shard that does, or [ELSEWHERE].
     */
    public fun other(
        part: String,
        group: String,
        index: Int,
    ): Int?

    /** Everything that the journal lacks. */
    public data object All : Assignment {
        override fun other(
            part: String,
            group: String,
            index: Int,
        ): Int? = null
    }

    /**
     * None, until they are asked for by name: the process lays out the run, and finds out which parts its journal lacks.
     */
    public data object ByName : Assignment {
        override fun other(
            part: String,
            group: String,
            index: Int,
        ): Int? = ELSEWHERE
    }

    /**
     * One of [count] shards: every [count]-th part of each group.
     *
     * @property number from 1 to [count]
     */
    public data class ShardOf(
        public val number: Int,
        public val count: Int,
    ) : Assignment {
        init {
            require(count >= 1 && number in 1..count) { "a shard is one of 1 to its count, not $number/$count" }
        }

        override fun other(
            part: String,
            group: String,
            index: Int,
        ): Int? = owner(group, index).takeIf { it != number }

        /** Returns the number of the shard that computes the part of [group] with this [index]. */
        public fun owner(
            group: String,
            index: Int,
        ): Int = 1 + Math.floorMod(group.hashCode() + index, count)
    }

    public companion object {
        /** In place of a shard: some process that is given the part by name. */
        public const val ELSEWHERE: Int = -1
    }
}

/**
 * Parts that other shards have not computed yet.
 *
 * @property parts their names in the journal, and the shards that compute them, or [MERGE]
 */
internal class PartsMissing(
    val parts: Map<String, Int>,
) : RuntimeException("parts of other shards are missing: ${parts.keys.joinToString()}") {
    internal companion object {
        private const val serialVersionUID = 1L

        /** In place of a shard: what only a merge computes. */
        const val MERGE = 0

        /**
         * Runs each of [steps], even if an earlier one lacks parts, so that a shard computes all it can.
         *
         * @throws PartsMissing if one of them did
         */
        fun <T> gathered(steps: List<() -> T>): List<T> {
            val missing = LinkedHashMap<String, Int>()
            val found = steps.mapNotNull { step ->
                try {
                    listOf(step())
                } catch (e: PartsMissing) {
                    missing += e.parts
                    null
                }
            }
            if (missing.isNotEmpty()) throw PartsMissing(missing)
            return found.flatten()
        }
    }
}
