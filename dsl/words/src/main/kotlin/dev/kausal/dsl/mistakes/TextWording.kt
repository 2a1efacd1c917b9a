package dev.kausal.dsl.mistakes

/** Messages of mistakes in texts that a model is to write. */
internal object TextWording {
    fun of(it: TextMistake): String =
        when (it) {
            is TextMistake.TooLong -> {
                val more = if (it.others == 0) "" else " (and ${Wording.count(it.others, "other prompt")})"
                val room = it.context - it.length
                val most = if (room < 1) "shorten the prompt" else "write at most $room, or shorten the prompt"
                "the prompt of ${Wording.quote(it.example)}$more has ${Wording.count(it.length, "token")}, and " +
                    "${it.tokens} more exceed the model's context of ${it.context}; $most"
            }

            is TextMistake.OfPromptOnly -> {
                "${it.what} has values for the prompt's positions alone, but this edit also acts on the answer; give " +
                    "during = During.Prompt, or name positions with .at(...)"
            }

            is TextMistake.AtAttention -> {
                "${it.hook} cannot be edited while text is written: attention has one more key at every token; edit " +
                    "q, k, v or z"
            }

            is TextMistake.HookWithPlace -> {
                "the function at ${it.hook} asks for the positions that it edits, which are not known while text is " +
                    "written; take the activation alone, give during = During.Prompt, or name positions with .at(...)"
            }
        }
}
