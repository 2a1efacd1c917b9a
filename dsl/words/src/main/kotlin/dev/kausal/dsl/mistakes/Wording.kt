package dev.kausal.dsl.mistakes

/** The messages of all mistakes: what was expected, what was found, what to do. */
internal object Wording {
    fun all(mistakes: List<Mistake>): String {
        val told = told(mistakes)
        val count = if (told.size == 1) "a mistake" else "${told.size} mistakes"
        val lines = told.map { "  " + it.mistake.line?.let { line -> "line $line: " }.orEmpty() + it.message }
        return (listOf("The script has $count:") + lines).joinToString("\n")
    }

    fun of(mistake: Mistake): String =
        when (mistake) {
            is Mistake.ModelMistake -> model(mistake)
            is Mistake.RangeMistake -> range(mistake)
            is Mistake.PromptMistake -> InputWording.prompt(mistake)
            is Mistake.ClassMistake -> InputWording.output(mistake)
            is Mistake.ImageMistake -> InputWording.image(mistake)
            is Mistake.FileMistake -> file(mistake)
            is Mistake.InterventionMistake -> intervention(mistake)
            is Mistake.DeclarationMistake -> declaration(mistake)
            is Mistake.SettingMistake -> setting(mistake)
        }

    private fun model(it: Mistake.ModelMistake): String =
        when (it) {
            is Mistake.NoModel -> {
                "the experiment has no model; " +
                    "write val lm = model<CausalLm>(\"smollm2-135m-q4\")"
            }

            is Mistake.TwoModels -> {
                "an experiment has one model, but this one has ${quote(it.first)} and ${quote(it.second)}; " +
                    "write one experiment for each"
            }

            is Mistake.WrongKind -> {
                "the script is for a ${it.declared}, but ${quote(it.ref)} is a ${it.kind} (family ${it.family}); " +
                    "choose another model, or change the type in model<${it.declared}>"
            }

            is Mistake.WrongContrasts -> {
                "these ${it.inputs} are for a ${it.declared}, but the model is a ${it.model}; " +
                    "pass the model: ${it.inputs}(model) { }"
            }

            is Mistake.NoTokens -> {
                "${quote(it.text)} is named as a token, but this ${it.kind} outputs no tokens; leave it out"
            }

            is Mistake.NoSuchHook -> {
                val why = it.why.ifEmpty { "the family ${it.family} has no such part; choose another site" }
                "the model has no hook point ${it.hook}: $why"
            }
        }

    private fun range(it: Mistake.RangeMistake): String =
        when (it) {
            is Mistake.NoSuchLayer -> {
                "no layer ${it.layer}: this model has ${numbered(it.layers, "layer")}"
            }

            is Mistake.NoSuchHead -> {
                val kind = if (it.keyValue) "key-value head" else "head"
                "no $kind ${it.head} in layer ${it.layer}: this model has ${numbered(it.heads, kind)}"
            }

            is Mistake.NoSuchNeuron -> {
                "no neuron ${it.neuron} in layer ${it.layer}: this model has ${numbered(it.neurons, "neuron")}"
            }

            is Mistake.NothingWatched -> {
                "${it.watch} watches nothing: layers, kinds and named together match none of the model's " +
                    "${it.points.size} hook points, such as " +
                    it.points.filter { name -> ".0." in name }.take(SHOWN).joinToString()
            }

            is Mistake.NoSuchPosition -> {
                "no position ${it.position} in ${quote(it.prompt)}: this prompt has ${numbered(it.tokens, "token")}; " +
                    "use a span or last if prompts differ in length"
            }

            is Mistake.NoSuchPatch -> {
                val has =
                    it.grid?.let { (rows, columns) ->
                        "this image has $rows x $columns, 0,0 to ${rows - 1},${columns - 1}"
                    } ?: "only images have patches"
                "no ${it.patch} in ${quote(it.image)}: $has"
            }

            is Mistake.TooManyNumbers -> {
                "${it.analysis} would have ${it.numbers} numbers, but a result may have at most ${it.most}; " +
                    "select layers or heads, use means, or use fewer inputs"
            }
        }

    private fun file(it: Mistake.FileMistake): String =
        when (it) {
            is Mistake.FileMissing -> {
                "file ${it.path} does not exist; paths are relative to the script's folder"
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
        }

    private fun patchLengths(it: Mistake.PatchLengths): String {
        val units = if (it.keys) "keys" else "tokens"
        val patch = if (it.keys) "a patch of attention" else "a patch"
        val other = if (it.keys) "" else "patch at a single token (subject-last by spans, last), or "
        return "$patch needs equally many $units on both sides, but in ${quote(it.contrast)} ${it.place} has " +
            "${it.from} in the source run and ${it.to} in the edited run; ${other}use prompts of one length"
    }

    private fun intervention(it: Mistake.InterventionMistake): String =
        when (it) {
            is Mistake.LengthsDiffer -> {
                lengths(it)
            }

            is Mistake.PatchLengths -> {
                patchLengths(it)
            }

            is Mistake.SpanAbsent -> {
                InputWording.absent(it)
            }

            is Mistake.NoDonor -> {
                "resample needs another prompt of the set with at least ${it.tokens} tokens, " +
                    "but there is none for ${quote(it.contrast)}; add one, or use with = mean"
            }

            is Mistake.MeanOverQueries -> {
                "a mean of ${it.hook} over all queries would let queries attend to later tokens; " +
                    "use with = positionMean, which averages each query and key over the prompts"
            }

            is Mistake.MeanOverLengths -> {
                val other = if (it.of == "positionMean") ", or a mean over all positions (mean)" else ""
                "${it.of} needs prompts with equally many tokens, but those of ${it.contrasts} have " +
                    "${it.shortest} to ${it.longest}; use prompts of one length$other"
            }

            is Mistake.BaseConflict -> {
                "an intervention edits one run, but this one names ${it.runs.joinToString(" and ")}; " +
                    "use the same run in all of its parts"
            }

            is Mistake.SameRun -> {
                "this intervention only keeps ${it.run} as it is, so it has no effect; add (+) a change that it " +
                    "blocks, or patch from another run"
            }

            is EditMistake -> {
                EditWording.of(it)
            }

            is EdgeMistake -> {
                EdgeWording.of(it)
            }

            is LikelihoodMistake -> {
                LikelihoodWording.of(it)
            }

            is TextMistake -> {
                TextWording.of(it)
            }

            is FeatureMistake -> {
                FeatureWording.of(it)
            }

            is Mistake.NoEdit -> {
                "this intervention changes nothing: it names no layer or head, as its range or list is empty"
            }
        }

    private fun declaration(it: Mistake.DeclarationMistake): String =
        when (it) {
            is Mistake.CodeFailed -> {
                "${it.function} failed with ${it.failure}"
            }

            is Mistake.NotOneGrid -> {
                "a sweep needs exactly one each { }, but ${it.sweep} has ${it.found}"
            }

            is Mistake.EmptyAxis -> {
                "the axis ${quote(it.axis)} has no values; add at least one"
            }

            is Mistake.SameName -> {
                "two results are called ${quote(it.name)}, the first on line ${it.first ?: "?"}; rename one"
            }

            is EstimateMistake -> {
                EstimateWording.of(it)
            }

            is DirectionMistake -> {
                DirectionWording.of(it)
            }

            is Mistake.BadValue -> {
                "${it.name} must be ${it.expected}; found ${it.found}"
            }
        }

    private fun setting(it: Mistake.SettingMistake): String =
        when (it) {
            is Mistake.MalformedSetting -> {
                "--set needs NAME=VALUE, but got ${quote(it.text)}"
            }

            is Mistake.DuplicateSetting -> {
                "--set sets ${quote(it.name)} twice; set it once"
            }

            is Mistake.UnknownSetting -> {
                "--set sets ${quote(it.name)}, which is not a parameter of this script" +
                    (it.known.ifEmpty { null }?.let { known -> "; it has ${known.joinToString()}" } ?: "; it has none")
            }

            is Mistake.SettingType -> {
                "${it.name} must be ${type(it.type)}, but --set has ${quote(it.value)}"
            }
        }

    private fun lengths(it: Mistake.LengthsDiffer): String {
        // One example of each length, rarest first, as these are the likely mistakes.
        val each = it.lengths.groupBy { l -> l.tokens }.values.sortedBy { prompts -> prompts.size }
        val shown =
            each.take(SHOWN).joinToString { prompts ->
                val first = prompts.first()
                val others = if (prompts.size == 1) "" else " (as ${count(prompts.size - 1, "other")})"
                "${quote(first.contrast)} ${first.run} ${first.tokens}$others"
            }
        val more = if (each.size > SHOWN) " and ${each.size - SHOWN} more lengths" else ""
        return "${it.sweep} varies positions, so its prompts need equally many tokens, but they have: " +
            "$shown$more; use spans, or prompts of one length"
    }

    private fun type(type: ParameterType): String =
        when (type) {
            ParameterType.Int -> "a whole number"
            ParameterType.Double -> "a number"
            ParameterType.Text -> "a text"
            ParameterType.Boolean -> "true or false"
        }

    /** Returns [number] with its noun: `1 other`, `2 others`. */
    fun count(
        number: Int,
        one: String,
        many: String = "${one}s",
    ): String = "$number ${if (number == 1) one else many}"

    /** Returns [number] with its noun and the numbers of the first and last: `4 layers, 0 to 3`. */
    private fun numbered(
        number: Int,
        one: String,
    ): String = count(number, one) + if (number == 1) ", number 0" else ", 0 to ${number - 1}"

    fun source(source: String?): String = source?.let { " ($it)" } ?: ""

    fun quote(text: String): String =
        if (text.length <= QUOTED) "\"$text\"" else "\"${text.take(QUOTED - 1)}\u2026\""

    private const val SHOWN = 5
    private const val QUOTED = 80
}
