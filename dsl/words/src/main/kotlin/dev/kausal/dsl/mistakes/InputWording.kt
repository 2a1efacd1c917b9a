package dev.kausal.dsl.mistakes

import dev.kausal.dsl.mistakes.Wording.quote
import dev.kausal.dsl.mistakes.Wording.source

/** Messages of mistakes in a model's inputs. */
internal object InputWording {
    private fun notOneToken(it: Mistake.NotOneToken): String {
        val metric = it.metric?.let { of -> ", or measure $of" }.orEmpty()
        val advice =
            it.suggestion?.let { better -> "; did you mean ${quote(better)}, with a leading blank?" }
                ?: "; choose a one-token word$metric"
        return "the ${it.role} must be one token, but ${quote(it.text)} is ${tokens(it.tokens)}$advice" +
            source(it.source)
    }

    fun prompt(it: Mistake.PromptMistake): String =
        when (it) {
            is Mistake.NotOneToken -> {
                notOneToken(it)
            }

            is ChatMistake -> {
                ChatWording.of(it)
            }

            is Mistake.TokenBeyondModel -> {
                "the token ${quote(it.token)} of ${quote(it.text)} has id ${it.id}, but this model has only " +
                    "tokens 0 to ${it.vocabulary - 1}; use other words, or this model's own tokenizer" +
                    source(it.source)
            }

            is Mistake.SameAnswer -> {
                "answer and foil must differ, but both are ${quote(it.answer)}; " +
                    "the foil is the right continuation of the corrupted prompt" + source(it.source)
            }

            is Mistake.EmptyPrompt -> {
                "the ${it.role} prompt is empty; write at least one token" + source(it.source)
            }

            is Mistake.PromptTooLong -> {
                "${quote(it.prompt)} has ${it.tokens} tokens, but this model's context is ${it.context}; shorten it" +
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
                "${quote(it.prompt)} $found, but the answer replaces exactly one [MASK]; write it once" +
                    source(it.source)
            }

            is Mistake.NoWordMarked -> {
                quote(
                    it.prompt,
                ) + " has no word in [brackets], but the answer is the class of one; bracket that word" +
                    source(it.source)
            }
        }

    fun output(it: Mistake.ClassMistake): String =
        when (it) {
            is Mistake.NoSuchClass -> {
                val meant =
                    it.nearest?.let { name -> "; did you mean ${quote(name)}?" } ?: "; it has ${some(it.classes)}"
                "the model has no class ${quote(it.text)}, given as the ${it.role}$meant" + source(it.source)
            }

            is Mistake.SeveralClasses -> {
                "${it.classes.size} classes are called ${quote(it.text)}, given as the ${it.role}: " +
                    it.classes.joinToString { name -> quote(name) } + "; add the number of the one you mean" +
                    source(it.source)
            }

            is Mistake.OneClass -> {
                val only = quote(it.name)
                "${it.neededBy} needs at least two classes, but this model has one, $only: its probability is " +
                    "always 1; use its logit"
            }

            is Mistake.NoClasses -> {
                "${quote(it.text)} is given as a class, but this model is a ${it.kind}, which has none; leave it out" +
                    source(it.source)
            }

            is Mistake.NoNextTokens -> {
                "${it.metric} needs next-token predictions, but a ${it.kind} makes none; " +
                    "use a logit, a probability or kl"
            }
        }

    fun image(it: Mistake.ImageMistake): String =
        when (it) {
            is Mistake.ImageUnusable -> {
                it.detail + source(it.source)
            }

            is Mistake.NoImages -> {
                val where = if (it.classes) "no folder in ${it.folder} has a" else "${it.folder} has no"
                "$where .png, .jpg, .jpeg, .gif, .webp, .bmp, .tif or .tiff file; add images, or name another folder"
            }

            is Mistake.NoGrid -> {
                "${it.sweep} goes over patches, but its inputs are prompts, which have none; use positions"
            }
        }

    private fun short(it: Mistake.ShortPrompt): String {
        val more = if (it.texts.size > NAMED) " and ${it.texts.size - NAMED} more" else ""
        val named = it.texts.take(NAMED).joinToString { text -> quote(text) }
        val have = if (it.texts.size == 1) "has" else "have"
        return "${it.metric} needs a token after the first, but $named$more $have only one; " +
            "use prompts of two tokens or more"
    }

    private fun brackets(it: Mistake.Brackets): String {
        val fault =
            when (it.fault) {
                BracketFault.Unbalanced -> "${quote(it.prompt)} has an unmatched bracket; match it"
                BracketFault.Several -> "${quote(it.prompt)} marks several subjects; mark one"
                BracketFault.Empty -> "the brackets of ${quote(it.prompt)} are empty; put the subject between them"
            }
        return "$fault, or write \\[ and \\] for plain brackets" + source(it.source)
    }

    private fun lacking(it: Mistake.Lacking): String {
        val (part, remedy) =
            when (it.part) {
                ContrastPart.Answer -> "answer" to "set answer = ... of a contrast, or label = ... of an image"
                ContrastPart.Corrupted -> "corrupted prompt" to "set corrupted = ..., or use noise(subject)"
                ContrastPart.Foil -> "foil" to "set foil = ..., or use a metric of the answer alone, such as logit"
                ContrastPart.Subject -> "marked subject" to "put brackets around it in the prompt"
            }
        val named = it.contrasts.take(NAMED).joinToString { label -> quote(label) }
        val more = if (it.contrasts.size > NAMED) " and ${it.contrasts.size - NAMED} more" else ""
        val article = if (it.part == ContrastPart.Answer) "an" else "a"
        val lacks = if (it.contrasts.size == 1) "lacks" else "lack"
        return "${it.neededBy} needs $article $part, which $named$more $lacks; $remedy"
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
            "images" -> "${it.name} is empty; add image(...), folder(...) or classFolders(...)"
            "prompts" -> "${it.name} is empty; add prompt(...)"
            else -> "${it.name} is empty; add contrast(...) or fromJson(...)"
        }

    private fun some(classes: List<String>): String {
        val shown = classes.take(SHOWN).joinToString { quote(it) }
        return if (classes.size > SHOWN) "$shown and ${classes.size - SHOWN} more" else shown
    }

    /** Number of contrasts named in a message. */
    private const val NAMED = 5
    private const val SHOWN = 10
}
