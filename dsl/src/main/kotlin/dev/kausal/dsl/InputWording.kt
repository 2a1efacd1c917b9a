package dev.kausal.dsl

import dev.kausal.dsl.Wording.quote
import dev.kausal.dsl.Wording.source

/** The words of mistakes in what a model is given. */
internal object InputWording {
    fun of(it: Mistake): String? =
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

            is Mistake.TokenBeyondModel -> {
                "the token ${quote(it.token)} of ${quote(it.text)} has the number ${it.id}, but this model has the " +
                    "tokens 0 to ${it.vocabulary - 1} only; use other words, or the tokenizer of this model" +
                    source(it.source)
            }

            is Mistake.NoClasses -> {
                "${quote(it.text)} is given as a class, but this model is a ${it.kind}, which has none; leave it out" +
                    source(it.source)
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

            is Mistake.NoSuchPatch -> {
                val has =
                    it.grid?.let { (rows, columns) ->
                        "this image has $rows x $columns, 0,0 to ${rows - 1},${columns - 1}"
                    } ?: "only images have patches"
                "no ${it.patch} in ${quote(it.image)}: $has"
            }

            is Mistake.TooManyNumbers -> {
                "${it.analysis} would hold ${it.numbers} numbers, and a result may have ${it.most}; " +
                    "name layers or heads, ask for means, or take fewer inputs"
            }

            is Mistake.NoNextTokens -> {
                "${it.metric} is of a prompt's own next tokens, which a ${it.kind} does not predict; " +
                    "use a logit, a probability or kl"
            }

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

            else -> {
                null
            }
        }

    fun absent(it: Mistake.SpanAbsent): String {
        val why =
            when (it.span) {
                afterSubject.name -> "no token follows its subject"
                mask.name -> "write [MASK] in it once, for a model that has a mask"
                firstSentence.name, secondSentence.name -> "only pair(\"...\", \"...\") has two sentences"
                patches.name -> "only images have patches"
                cls.name, separators.name -> "this model puts no such token around its inputs"
                else -> "this model has no such position"
            }
        return "${quote(it.prompt)} has no ${it.span}: $why"
    }

    fun empty(it: Mistake.EmptyContrasts): String =
        when (it.name.substringBefore('-')) {
            "images" -> "${it.name} holds no image; write image(...), folder(...) or classFolders(...) in it"
            "prompts" -> "${it.name} holds no prompt; write prompt(...) in it"
            else -> "${it.name} holds no contrast; write contrast(...) or fromJson(...) in it"
        }

    private fun some(classes: List<String>): String {
        val shown = classes.take(SHOWN).joinToString { quote(it) }
        return if (classes.size > SHOWN) "$shown and ${classes.size - SHOWN} more" else shown
    }

    private const val SHOWN = 10
}
