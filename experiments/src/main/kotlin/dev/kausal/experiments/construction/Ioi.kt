package dev.kausal.experiments.construction

/**
 * `embedded:ioi`: indirect-object identification with the heads that Wang et al. 2023 describe.
 *
 * `When Mary and John went to the store, John gave a ring to` continues with ` Mary`. Head 1 of layer 0 is a
 * duplicate-token head: at a name that occurred before, it writes that name. Head 2 of layer 1 is the S-inhibition
 * head: it moves the repeated name to the last position. Head 0 of layer 2 is the name mover: it attends to the name
 * that was not repeated, and writes it. Head 1 of layer 3 is a backup name mover: it does the same if the name mover
 * wrote nothing. Head 3 of layer 0 and head 2 of layer 2 are active, but nothing reads their output.
 */
internal object Ioi : Construction(
    "ioi",
    "Built by hand: a duplicate-token head (layer 0, head 1), an S-inhibition head (layer 1, head 2), a name mover " +
        "(layer 2, head 0) and its backup (layer 3, head 1)",
) {
    /** The names. */
    val names: List<String> = listOf("Mary", "John", "Anna", "Tom", "Kate", "Paul", "Lucy", "Mark")
    private val places = listOf("store", "park", "school", "office")
    private val objects = listOf("ring", "book", "letter", "drink")
    private val others = listOf("and", "went", "to", "the", "left", "were", "at", "a", "gave", "sent", "offered")
    private val words =
        listOf("?", "When", "After", "While") + (others + objects + names).map { " $it" } + places.map { " $it," }

    /** Positions from which a repeated name is recognised: longer texts have no more. */
    private const val READ = 22

    override val tokenizer = WordTokenizer(" ?[^ ]+")
    override val circuit: Circuit by lazy {
        Circuit(layers = 4, vocabulary = words, neurons = 1).apply {
            val name = names.map { token[id(" $it")] }
            val repeated = space(names.size)
            val isRepeated = flag()
            val inhibited = space(names.size)
            val said = space(names.size)
            val isSaid = flag()
            val unread = space(4)
            val rows = (0 until READ).map { position[it] }
            val first = position[0]
            // A row never finds itself; without an earlier occurrence it attends to the first row, which is no name.
            head(0, 1).match(name, name).match(rows, rows, -2f, names.size).prefer(first, REST, names.size + READ)
                .copy(name, repeated, also = yes(isRepeated))
            head(1, 2).prefer(isRepeated[0], 1f, 0).prefer(first, REST, 1)
                .copy(dimensions(repeated), inhibited, times = 2f)
            val movers = listOf(head(2, 0), head(3, 1))
            for (mover in movers) {
                mover.prefer(name, 1f, 0).match(dimensions(inhibited), name, -1f, 1).prefer(first, REST, names.size + 1)
                    .copy(name, said, also = yes(isSaid))
            }
            movers.last().match(listOf(isSaid[0]), listOf(first), 4f, names.size + 2)
            idle(0, 3, unread)
            idle(2, 2, unread)
            names.forEachIndexed { i, text -> unembed(id(" $text"), said[i]) }
        }
    }

    /** Preference for the first row, in that for what a head is made to find. */
    private const val REST = 0.5f
}
