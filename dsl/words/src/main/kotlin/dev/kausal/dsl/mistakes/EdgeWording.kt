package dev.kausal.dsl.mistakes

/** Messages of mistakes in edges and circuits. */
internal object EdgeWording {
    fun of(it: EdgeMistake): String =
        when (it) {
            is EdgeMistake.UnequalRuns -> {
                val more = others(it.more)
                "${it.neededBy} puts outputs of the corrupted run into the clean one position by position, but in " +
                    "${Wording.quote(it.contrast)} the clean prompt has ${it.clean} tokens and the corrupted one " +
                    "${it.corrupted}$more; use prompts of equal length"
            }

            is EdgeMistake.SameRuns -> {
                "${it.neededBy} needs corrupted prompts that differ from the clean ones, but those of " +
                    "${it.contrasts.joinToString { label -> Wording.quote(label) }} are the same"
            }

            is EdgeMistake.MalformedEdge -> {
                "${Wording.quote(it.edge)} is no edge: what ${verb(it.badWriter)} is ${names(it.badWriter)}, " +
                    "as in \"L3H5 -> L7.q5\""
            }

            is EdgeMistake.BackwardEdge -> {
                val own = if (it.parallel) PARALLEL else ""
                "${Wording.quote(it.edge)} runs backwards: a part reads only what was written before it$own"
            }

            is EdgeMistake.NoSuchEdge -> {
                "the model has no edge ${Wording.quote(it.edge)}: it has ${it.sizes}"
            }

            is EdgeMistake.NoSuchEnd -> {
                val end = if (it.isWriter) "writer" else "reader"
                "the model has no $end ${Wording.quote(it.end)}: it has ${names(it.isWriter)}, in ${it.sizes}"
            }

            is PathMistake -> {
                PathWording.of(it)
            }

            is EdgeMistake.CircuitSize -> {
                "a circuit of this model has 1 to ${it.edges} edges, not ${it.size}"
            }

            is EdgeMistake.NormedStream -> {
                "${it.neededBy} needs a residual stream that is a sum of outputs, but the blocks of ${it.family} " +
                    "norm the stream itself; patch or ablate heads and layers instead"
            }
        }

    private fun others(count: Int): String =
        if (count == 0) "" else ", and ${Wording.count(count, "more contrast differs", "more contrasts differ")} too"

    private fun verb(ofWriter: Boolean): String = if (ofWriter) "writes" else "reads"

    private fun names(ofWriter: Boolean): String = if (ofWriter) WRITERS else READERS

    const val WRITERS = "embed, L3H5 or L3 mlp"
    private const val READERS = "L7.q5, L7.k1, L7.v1, L7 mlp or logits"
    private const val PARALLEL = "; in this model's parallel blocks an MLP does not read the heads of its layer"
}
