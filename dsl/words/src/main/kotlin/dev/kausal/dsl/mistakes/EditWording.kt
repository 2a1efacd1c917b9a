package dev.kausal.dsl.mistakes

/** Messages of mistakes in edits. */
internal object EditWording {
    fun of(it: EditMistake): String =
        when (it) {
            is EditMistake.EditedTwice -> {
                "this intervention writes the same at ${it.what} twice; name each once"
            }

            is EditMistake.NoHeads -> {
                "${it.hook} has no heads in this model, whose norm spans all of them; leave out .head(${it.head})"
            }

            is EditMistake.CannotEdit -> {
                "${it.site} cannot be edited this way: ${it.why}"
            }

            is EditMistake.MeanOfOtherLength -> {
                val edited = if (it.shortest == it.longest) "${it.longest}" else "${it.shortest} to ${it.longest}"
                val other = if (it.of == "positionMean") ", or with = mean(of = ...)" else ""
                "${it.of} needs prompts of one length, but those of ${it.reference} have ${it.tokens} tokens and the " +
                    "edited ones $edited; use a set of that length$other"
            }

            is EditMistake.VectorSize -> {
                val of = it.example?.let { label -> " for ${Wording.quote(label)}" }.orEmpty()
                "${it.site} has ${it.units} numbers at a position, but the vector$of has ${it.found}"
            }

            is EditMistake.FrozenAway -> {
                val sites = it.sites.joinToString(" and ")
                "what this intervention changes at $sites is put back by what it freezes, so that ${it.run} stays as " +
                    "it is; freeze less"
            }

            is EditMistake.EditedRunUsed -> {
                "${it.neededBy} needs a run without changes: a run with changes is read by patch(from = ...) alone; " +
                    "make both changes in one intervention, with +"
            }

            is EditMistake.ReadBeforeEdit -> {
                "${it.site} comes before ${it.first}, the first site that the run it is read from changes, so that " +
                    "run has nothing new there; read it at a later site"
            }
        }
}
