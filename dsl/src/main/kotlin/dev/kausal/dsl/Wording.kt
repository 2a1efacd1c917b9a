package dev.kausal.dsl

/** The words of every mistake, and of nothing else: what was expected, what was found, what to do. */
internal object Wording {
    fun all(mistakes: List<Mistake>): String {
        val count = if (mistakes.size == 1) "a mistake" else "${mistakes.size} mistakes"
        val lines = mistakes.map { mistake -> "  " + mistake.line?.let { "line $it: " }.orEmpty() + mistake.message }
        return (listOf("The script has $count:") + lines).joinToString("\n")
    }

    fun of(mistake: Mistake): String =
        model(mistake) ?: range(mistake) ?: prompt(mistake) ?: InputWording.of(mistake) ?: file(mistake)
            ?: intervention(mistake) ?: rest(mistake)

    private fun model(it: Mistake): String? =
        when (it) {
            is Mistake.NoModel -> {
                "an experiment needs a model, and this one names none; " +
                    "write val lm = model<CausalLm>(\"smollm2-135m-q4\")"
            }

            is Mistake.TwoModels -> {
                "an experiment has one model: this is a second one, ${quote(it.second)}, after ${quote(it.first)}; " +
                    "write an experiment for each"
            }

            is Mistake.WrongKind -> {
                "the script is for a ${it.declared}, but ${quote(it.ref)} is a ${it.kind} (family ${it.family}); " +
                    "choose another model, or change the type in model<${it.declared}>"
            }

            is Mistake.WrongContrasts -> {
                "these ${it.inputs} are for a ${it.declared}, but the model is a ${it.model}; " +
                    "hand the model over: ${it.inputs}(model) { }"
            }

            is Mistake.NoSuchHook -> {
                "the model has no hook point ${it.hook}: the family ${it.family} has no such part; choose another site"
            }

            else -> {
                null
            }
        }

    private fun range(it: Mistake): String? =
        when (it) {
            is Mistake.NoSuchLayer -> {
                "no layer ${it.layer}: this model has ${count(it.layers, "layer")}"
            }

            is Mistake.NoSuchHead -> {
                val kind = if (it.keyValue) "key-value head" else "head"
                "no $kind ${it.head} in layer ${it.layer}: this model has ${count(it.heads, kind)}"
            }

            is Mistake.NoSuchNeuron -> {
                "no neuron ${it.neuron} in layer ${it.layer}: this model has ${count(it.neurons, "neuron")}"
            }

            is Mistake.NothingWatched -> {
                "${it.watch} watches nothing: layers, kinds and named accept none of the model's " +
                    "${it.points.size} hook points, such as " +
                    it.points.filter { name -> ".0." in name }.take(SHOWN).joinToString()
            }

            is Mistake.NoSuchPosition -> {
                "no position ${it.position} in ${quote(it.prompt)}: this prompt has ${count(it.tokens, "token")}; " +
                    "use a span, or last, for prompts of different lengths"
            }

            else -> {
                null
            }
        }

    private fun prompt(it: Mistake): String? =
        when (it) {
            is Mistake.NotOneToken -> {
                "the ${it.role} must be one token, but ${quote(it.text)} is ${tokens(it.tokens)}" +
                    (
                        it.suggestion?.let { better -> "; did you mean ${quote(better)}, with its leading blank?" }
                            ?: "; choose a word that is one token"
                    ) + source(it.source)
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
                InputWording.empty(it)
            }

            is Mistake.Lacking -> {
                lacking(it)
            }

            else -> {
                null
            }
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
        val named = it.contrasts.take(SHOWN).joinToString { label -> quote(label) }
        val more = if (it.contrasts.size > SHOWN) " and ${it.contrasts.size - SHOWN} more" else ""
        val article = if (it.part == ContrastPart.Answer) "an" else "a"
        return "${it.neededBy} needs $article $part, and there is none in $named$more; $remedy"
    }

    private fun file(it: Mistake): String? =
        when (it) {
            is Mistake.FileMissing -> {
                "there is no file ${it.path}; paths are relative to the script's folder"
            }

            is Mistake.FileMalformed -> {
                "${it.path} is not a list of contrasts in JSON: ${it.detail}; " +
                    "write [{\"clean\": \"...\", \"answer\": \"...\"}]"
            }

            is Mistake.FileField -> {
                val fault =
                    when (it.fault) {
                        FieldFault.Unknown -> "has an unknown field ${quote(it.field)}"
                        FieldFault.Missing -> "lacks the field ${quote(it.field)}"
                        FieldFault.NotText -> "has a field ${quote(it.field)} that is not text"
                        FieldFault.NotTexts -> "has a field ${quote(it.field)} that is not a list of texts"
                    }
                "${it.path}: entry ${it.entry} $fault; a contrast's fields are ${it.known.joinToString()}"
            }

            else -> {
                null
            }
        }

    private fun intervention(it: Mistake): String? =
        when (it) {
            is Mistake.LengthsDiffer -> {
                lengths(it)
            }

            is Mistake.PatchLengths -> {
                "a patch needs as many tokens on both sides, but in ${quote(it.contrast)} ${it.place} has " +
                    "${it.from} in the run it reads and ${it.to} in the run it changes; " +
                    "patch at a single token (subject-last by spans, last), or use prompts of one length"
            }

            is Mistake.SpanAbsent -> {
                InputWording.absent(it)
            }

            is Mistake.NoDonor -> {
                "resample needs another prompt of the set with ${it.tokens} tokens or more, " +
                    "and ${quote(it.contrast)} has none; add one, or use with = mean"
            }

            is Mistake.BaseConflict -> {
                "an intervention is made to one run, but this one asks for ${it.runs.joinToString(" and ")}; " +
                    "make all its parts to the same run"
            }

            is Mistake.SameRun -> {
                "this intervention only keeps what ${it.run} has, which does nothing; add (+) a change that it keeps " +
                    "from passing, or patch from another run"
            }

            is Mistake.FrozenAway -> {
                "what this intervention changes at ${it.sites.joinToString(
                    " and ",
                )} is put back by what it freezes, so " +
                    "that ${it.run} stays as it is; freeze less"
            }

            is Mistake.NoEdit -> {
                "this intervention changes nothing: its range of layers is empty"
            }

            else -> {
                null
            }
        }

    private fun lengths(it: Mistake.LengthsDiffer): String {
        val shown = it.lengths.take(SHOWN).joinToString { l -> "${quote(l.contrast)} ${l.run} ${l.tokens}" }
        val more = if (it.lengths.size > SHOWN) ", ..." else ""
        return "${it.sweep} goes over positions, so its prompts need the same number of tokens, but they have: " +
            "$shown$more; use spans, or prompts of one length"
    }

    private fun rest(it: Mistake): String =
        when (it) {
            is Mistake.NotOneGrid -> {
                "a sweep has one each { }, but ${it.sweep} has ${it.found}"
            }

            is Mistake.EmptyAxis -> {
                "the axis ${quote(it.axis)} has no values; give at least one"
            }

            is Mistake.SameName -> {
                "two results are called ${quote(it.name)}, the first in line ${it.first ?: "?"}; rename one"
            }

            is Mistake.BadValue -> {
                "${it.name} must be ${it.expected}, but is ${it.found}"
            }

            is Mistake.MalformedSetting -> {
                "--set takes NAME=VALUE, but got ${quote(it.text)}"
            }

            is Mistake.DuplicateSetting -> {
                "--set gives ${quote(it.name)} twice; give it once"
            }

            is Mistake.UnknownSetting -> {
                "--set gives ${quote(it.name)}, which is no parameter of this script" +
                    (it.known.ifEmpty { null }?.let { known -> "; it has ${known.joinToString()}" } ?: "; it has none")
            }

            is Mistake.SettingType -> {
                "${it.name} must be ${type(it.type)}, but --set gives ${quote(it.value)}"
            }

            else -> {
                it.toString()
            }
        }

    private fun type(type: ParameterType): String =
        when (type) {
            ParameterType.Int -> "a whole number"
            ParameterType.Double -> "a number"
            ParameterType.Text -> "a text"
            ParameterType.Boolean -> "true or false"
        }

    private fun count(
        number: Int,
        unit: String,
    ): String = if (number == 1) "1 $unit, number 0" else "$number ${unit}s, 0 to ${number - 1}"

    private fun tokens(tokens: List<String>): String =
        if (tokens.isEmpty()) "no token" else "${tokens.size} tokens: ${tokens.joinToString(" + ") { quote(it) }}"

    fun source(source: String?): String = source?.let { " ($it)" } ?: ""

    fun quote(text: String): String =
        if (text.length <= QUOTED) "\"$text\"" else "\"${text.take(QUOTED - 1)}\u2026\""

    private const val SHOWN = 5
    private const val QUOTED = 80
}
