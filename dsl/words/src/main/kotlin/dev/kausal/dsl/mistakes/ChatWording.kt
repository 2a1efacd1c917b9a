package dev.kausal.dsl.mistakes

import dev.kausal.dsl.mistakes.Wording.quote

/** Messages of mistakes in dialogues. */
internal object ChatWording {
    fun of(it: ChatMistake): String =
        when (it) {
            is ChatMistake.NoTemplate -> {
                "chat needs the model's chat template, but ${it.model} has none in its tokenizer files; write " +
                    "the prompt " +
                    "with its markers as text, or use a model that was trained on dialogues"
            }

            is ChatMistake.NoTurns -> {
                "a chat needs a turn, but this one has none; add user(...)"
            }

            is ChatMistake.NotRendered -> {
                notRendered(it)
            }

            is ChatMistake.SubjectChanged -> {
                "the model's chat template changes the subject of ${quote(it.chat)} or its surroundings, so its " +
                    "tokens are " +
                    "unknown; move the brackets, or leave them out"
            }
        }

    private fun notRendered(it: ChatMistake.NotRendered): String =
        when (it.reason) {
            ChatMistake.Reason.REFUSED -> {
                "the model's chat template refuses ${quote(it.chat)}: ${it.why}; change the turns"
            }

            ChatMistake.Reason.UNSUPPORTED -> {
                "the model's chat template cannot be rendered for ${quote(it.chat)}: ${it.why}; write the prompt " +
                    "with its " +
                    "markers as text"
            }

            ChatMistake.Reason.LIMIT -> {
                "the model's chat template was stopped on ${quote(it.chat)}: ${it.why}; write the prompt with " +
                    "its markers " +
                    "as text"
            }
        }
}
