package dev.kausal.dsl.mistakes

import dev.kausal.dsl.mistakes.Wording.count
import dev.kausal.dsl.mistakes.Wording.quote

/** Messages of mistakes in log-likelihoods of answers. */
internal object LikelihoodWording {
    fun of(it: LikelihoodMistake): String =
        when (it) {
            is LikelihoodMistake.SeveralTokens -> {
                "${it.metric} needs answers and foils of one token, but ${quote(it.text)} has several; choose " +
                    "one-token " +
                    "words, or measure logLikelihood"
            }

            is LikelihoodMistake.TooLong -> {
                val more = if (it.others == 0) "" else " (and ${count(it.others, "other prompt")})"
                "the prompt of ${quote(it.example)}$more has ${count(it.length, "token")}, and the ${it.tokens} " +
                    "of its " +
                    "longest answer exceed the model's context of ${it.context}; shorten the prompt or the answer"
            }

            is LikelihoodMistake.Contained -> {
                "${it.metric} adds the probabilities of several answers, but in ${quote(it.example)} every text with " +
                    "${quote(it.longer)} also begins with ${quote(it.shorter)} and would count twice; leave the " +
                    "longer " +
                    "one out"
            }

            is LikelihoodMistake.OfPromptOnly -> {
                "${it.what} has values for the prompt's positions alone, but ${it.metric} also runs those of the " +
                    "answer; name positions with .at(...), or use zero or mean"
            }

            is LikelihoodMistake.HookWithPlace -> {
                "the function at ${it.hook} asks for the positions that it edits, which differ between the " +
                    "answers that " +
                    "${it.metric} runs; take the activation alone, or name positions with .at(...)"
            }

            is LikelihoodMistake.OfEdges -> {
                "edges and circuits are measured at one position, but ${it.metric} reads one for each token of the " +
                    "answer; use logProbability or logitDifference with answers of one token, or sweep heads or layers"
            }

            is LikelihoodMistake.SeveralEstimated -> {
                "an estimate of ${it.metric} is linear in one answer's log-likelihood, but ${quote(it.example)} has " +
                    "several answers or foils; name one of each, or leave out by = to compute the sweep"
            }
        }
}
