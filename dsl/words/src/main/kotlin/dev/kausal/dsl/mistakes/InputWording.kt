package dev.kausal.dsl.mistakes

import dev.kausal.dsl.mistakes.Wording.quote
import dev.kausal.dsl.mistakes.Wording.source

/** The words of mistakes in what a model is given. */
internal object InputWording {
    fun prompt(it: Mistake.PromptMistake): String =
        when (it) {
            is Mistake.NotOneToken -> {
                "the ${it.role} must be one token, but ${quote(it.text)} is ${tokens(it.tokens)}" +
                    (
                        it.suggestion?.let { better -> "; did you mean ${quote(better)}, with its leading blank?" }
                            ?: "; choose a word that is one token"
                    ) + source(it.source)
            }

            is Mistake.TokenBeyondModel -> {
                "the token ${quote(it.token)} of ${quote(it.text)} has the number ${it.id}, but this model has the " +
                    "tokens 0 to ${it.vocabulary - 1} only; use other words, or the tokenizer of this model" +
                    source(it.source)
            }

            is Mistake.SameAnswer -> {
                "answer and foil must differ, but both are ${quote(it.answer)}; " +
                    "the foil is what the corrupted prompt continues with" + source(it.source)
            }

            is Mistake.EmptyPrompt -> {
                "the ${it.role} prompt is empty; write at least one token" + source(it.source)
            }

            is Mistake.PromptTooLong -> {
                "${quote(it.prompt)} has ${it.tokens} tokens, but this model reads ${it.context} at most; shorten it" +
                    source(it.source)
            }

            is Mistake.Brackets -> {
                brackets(it)
            }

            is Mistake.EmptyContrasts -> {
                empty(it)
            }

            is Mistake.Lacking -> {
                lacking(it)
            }

            is Mistake.ShortPrompt -> {
                short(it)
            }

            is Mistake.Masks -> {
                val found = if (it.found == 0) "has no [MASK]" else "has ${it.found} masks"
                "${quote(it.prompt)} $found, but the answer is what stands for its one [MASK]; write it once" +
                    source(it.source)
            }

            is Mistake.NoWordMarked -> {
                quote(
                    it.prompt,
                ) + " has no word in [brackets], but the answer is the class of one; put it in brackets" +
                    source(it.source)
            }
        }

    fun output(it: Mistake.ClassMistake): String =
        when (it) {
            is Mistake.NoSuchClass -> {
                val meant =
                    it.nearest?.let { name -> "; did you mean ${quote(name)}?" } ?: "; it has ${some(it.classes)}"
                "the model has no class ${quote(it.text)}, which is the ${it.role}$meant" + source(it.source)
            }

            is Mistake.SeveralClasses -> {
                "${it.classes.size} classes are called ${quote(it.text)}, which is the ${it.role}: " +
                    it.classes.joinToString { name -> quote(name) } + "; write the one that is meant with its number" +
                    source(it.source)
            }

            is Mistake.OneClass -> {
                val only = quote(it.name)
                "${it.neededBy} needs two classes or more, but this model has one, $only: its probability is " +
                    "always 1; use its logit"
            }

            is Mistake.NoClasses -> {
                "${quote(it.text)} is given as a class, but this model is a ${it.kind}, which has none; leave it out" +
                    source(it.source)
            }

            is Mistake.NoNextTokens -> {
                "${it.metric} is of a prompt's own next tokens, which a ${it.kind} does not predict; " +
                    "use a logit, a probability or kl"
            }
        }

    fun image(it: Mistake.ImageMistake): String =
        when (it) {
            is Mistake.ImageUnusable -> {
                it.detail + source(it.source)
            }

            is Mistake.NoImages -> {
                val where = if (it.classes) "no folder in ${it.folder} holds a" else "${it.folder} holds no"
                "$where .png, .jpg, .jpeg, .gif, .webp, .bmp, .tif or .tiff file; put images there, or name another folder"
            }

            is Mistake.NoGrid -> {
                "${it.sweep} goes over patches, but its inputs are prompts, which have none; use positions"
            }
        }

    private fun short(it: Mistake.ShortPrompt): String {
        val more = if (it.texts.size > NAMED) " and ${it.texts.size - NAMED} more" else ""
        val named = it.texts.take(NAMED).joinToString { text -> quote(text) }
        return "${it.metric} is of the tokens after the first, and there are none in $named$more; " +
            "use prompts of two tokens or more"
    }

    private fun brackets(it: Mistake.Brackets): String {
        val fault =
            when (it.fault) {
                BracketFault.Unbalanced -> "a bracket in ${quote(it.prompt)} has no partner; close it"
                BracketFault.Several -> "${quote(it.prompt)} marks more than one subject; a prompt has one"
                BracketFault.Empty -> "the brackets of ${quote(it.prompt)} hold nothing; put the subject between them"
            }
        return "$fault, or write \\[ and \\] for plain brackets" + source(it.source)
    }

    private fun lacking(it: Mistake.Lacking): String {
        val (part, remedy) =
            when (it.part) {
                ContrastPart.Answer -> "answer" to "name it: answer = ... of a contrast, label = ... of an image"
                ContrastPart.Corrupted -> "corrupted prompt" to "give corrupted = ..., or corrupt by noise(subject)"
                ContrastPart.Foil -> "foil" to "give foil = ..., or use a metric of the answer alone, such as logit"
                ContrastPart.Subject -> "marked subject" to "put brackets around it in the prompt"
            }
        val named = it.contrasts.take(NAMED).joinToString { label -> quote(label) }
        val more = if (it.contrasts.size > NAMED) " and ${it.contrasts.size - NAMED} more" else ""
        val article = if (it.part == ContrastPart.Answer) "an" else "a"
        return "${it.neededBy} needs $article $part, and there is none in $named$more; $remedy"
    }

    private fun tokens(tokens: List<String>): String =
        if (tokens.isEmpty()) "no token" else "${tokens.size} tokens: ${tokens.joinToString(" + ") { quote(it) }}"

    fun absent(it: Mistake.SpanAbsent): String {
        val why =
            when (it.span) {
                "after-subject" -> "no token follows its subject"
                "mask" -> "write [MASK] in it once, for a model that has a mask"
                "first-sentence", "second-sentence" -> "only pair(\"...\", \"...\") has two sentences"
                "patches" -> "only images have patches"
                "first-copy", "last-copy", "repeat-start" -> "only prompts of randomTokens(...) have copies"
                "cls", "separators" -> "this model puts no such token around its inputs"
                "registers", "distillation" -> "this model has no such position"
                else -> "this prompt has no such position"
            }
        return "${quote(it.prompt)} has no ${it.span}: $why"
    }

    private fun empty(it: Mistake.EmptyContrasts): String =
        when (it.of) {
            "images" -> "${it.name} holds no image; write image(...), folder(...) or classFolders(...) in it"
            "prompts" -> "${it.name} holds no prompt; write prompt(...) in it"
            else -> "${it.name} holds no contrast; write contrast(...) or fromJson(...) in it"
        }

    private fun some(classes: List<String>): String {
        val shown = classes.take(SHOWN).joinToString { quote(it) }
        return if (classes.size > SHOWN) "$shown and ${classes.size - SHOWN} more" else shown
    }

    /** Contrasts that lack something, which are named. */
    private const val NAMED = 5
    private const val SHOWN = 10
}
