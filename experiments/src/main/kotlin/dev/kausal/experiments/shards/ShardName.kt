package dev.kausal.experiments.shards

import dev.kausal.run.context.Assignment.ShardOf

/** Names of shards on the command line and in files, such as `3/16`. */
internal object ShardName {
    /** More shards than any run has parts. */
    private const val MOST = 100_000
    private val FORM = Regex("(\\d{1,6})/(\\d{1,6})")

    /** Returns the shard that [text] names; null if it names none. */
    fun parse(text: String): ShardOf? {
        val (number, count) = FORM.matchEntire(text)?.destructured ?: return null
        return if (count.toInt() in 1..MOST && number.toInt() in 1..count.toInt()) {
            ShardOf(number.toInt(), count.toInt())
        } else {
            null
        }
    }

    /** Returns the words of a command without its shard. */
    fun withoutShard(words: List<String>): List<String> {
        val at = words.indexOf(OPTION)
        if (at >= 0) return words.take(at) + words.drop(at + 2)
        return words.filterNot { it.startsWith("$OPTION=") }
    }

    /** Name of the option. */
    private const val OPTION = "--shard"

    fun of(shard: ShardOf): String = "${shard.number}/${shard.count}"
}
