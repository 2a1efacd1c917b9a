package dev.kausal.spec

/**
 * The two ends of an edge, from its name in results: `embed`, `L3H5` or `L3 mlp` writes; `L7.q5`, `L7.k1`, `L7.v1`, `L7 mlp`
 * or `logits` reads.
 */
public data class EdgeName(
    val writer: String,
    val reader: String,
) {
    /** `embed`, `heads` or `MLPs`. */
    val from: String
        get() = when {
            writer == EMBED -> EMBED
            writer.endsWith(MLP) -> "MLPs"
            else -> "heads"
        }

    /** `queries`, `keys`, `values`, `MLPs` or `logits`. */
    val to: String
        get() = when {
            reader == LOGITS -> LOGITS
            reader.endsWith(MLP) -> "MLPs"
            ".q" in reader -> "queries"
            ".k" in reader -> "keys"
            else -> "values"
        }

    /** Head that writes; null for the embedding and MLPs. */
    val writerHead: Int? get() = HEAD.matchEntire(writer)?.groupValues?.get(1)?.toInt()

    /** Head or key-value head that reads; null for MLPs and the logits. */
    val readerHead: Int? get() = PER_HEAD.matchEntire(reader)?.groupValues?.get(1)?.toInt()

    /** Layer of the writer; -1 for the embedding. */
    val writerLayer: Int get() = layer(writer) ?: -1

    /** Layer of the reader; null for the logits. */
    val readerLayer: Int? get() = layer(reader)

    override fun toString(): String = "$writer$ARROW$reader"

    public companion object {
        /** The embedding as a writer. */
        public const val EMBED: String = "embed"

        private const val ARROW = " -> "
        private const val LOGITS = "logits"
        private const val MLP = " mlp"
        private val LAYER = Regex("L(\\d+)")
        private val HEAD = Regex("L\\d+H(\\d+)")
        private val PER_HEAD = Regex("L\\d+\\.[qkv](\\d+)")
        private val WRITER = Regex("embed|L\\d+H\\d+|L\\d+ mlp")
        private val EDGE = Regex("(${WRITER.pattern})$ARROW(L\\d+\\.[qkv]\\d+|L\\d+ mlp|logits)")

        private fun layer(end: String): Int? = LAYER.find(end)?.groupValues?.get(1)?.toInt()

        /** Returns the ends of the edge called [name]; null if it is no name of an edge. */
        public fun of(name: String): EdgeName? =
            EDGE.matchEntire(name)?.destructured?.let { (writer, reader) -> EdgeName(writer, reader) }

        /** Returns where names of edges stand in [text], in order. */
        public fun placesIn(text: String): List<IntRange> = EDGE.findAll(text).map { it.range }.toList()

        /** Returns the name of a head as a writer. */
        public fun head(
            layer: Int,
            head: Int,
        ): String = "L${layer}H$head"

        /** Whether [name] can be the writer of an edge. */
        public fun isWriter(name: String): Boolean = WRITER.matches(name)
    }
}
