package dev.kausal.dsl.mistakes

/** Messages of mistakes in patched edges and paths. */
internal object PathWording {
    fun of(it: PathMistake): String =
        when (it) {
            is PathMistake.ShortPath -> {
                "${Wording.quote(it.path)} is no path: it needs two parts or more, as in $EXAMPLE"
            }

            is PathMistake.MalformedPath -> {
                "${Wording.quote(it.path)} is no path: ${place(it.place)}, not ${it.part}, as in $EXAMPLE"
            }

            is PathMistake.PathInPath -> {
                val both = "${Wording.quote(it.other)} goes on along all of ${Wording.quote(it.path)}"
                "$both, whose first part would be both replaced and computed; patch them in two cells"
            }

            is PathMistake.EdgeByToken -> {
                "an edge cannot be patched at ${it.place}, token by token, beside other changes; name one span of " +
                    "tokens, such as subject, or make no other change"
            }
        }

    private fun place(place: PathMistake.PathPlace): String =
        when (place) {
            PathMistake.PathPlace.FIRST -> "it starts with ${EdgeWording.WRITERS}"
            PathMistake.PathPlace.BETWEEN -> "between its ends are $BETWEEN"
            PathMistake.PathPlace.LAST -> "it ends with $BETWEEN, logits or an edge's reader"
        }

    private const val BETWEEN = "L3H5.q, L3H5.k, L3H5.v, L3H5, L3 mlp"
    private const val EXAMPLE = "\"L0H1 -> L1H2.v -> L2H0.q -> logits\""
}
