package dev.kausal.dsl.mistakes

/** The source text to underline for a mistake, most specific first. */
internal object MistakenText {
    fun of(mistake: Mistake): List<String> =
        when (mistake) {
            is Mistake.ModelMistake -> model(mistake)
            is Mistake.RangeMistake -> range(mistake)
            is Mistake.PromptMistake -> prompt(mistake)
            is Mistake.ClassMistake -> output(mistake)
            is Mistake.ImageMistake -> image(mistake)
            is Mistake.FileMistake -> file(mistake)
            is Mistake.InterventionMistake -> intervention(mistake)
            is Mistake.DeclarationMistake -> declaration(mistake)
            is Mistake.SettingMistake -> setting(mistake)
        }

    private fun model(it: Mistake.ModelMistake): List<String> =
        when (it) {
            is Mistake.TwoModels -> listOf(it.second)
            is Mistake.WrongKind -> listOf(it.declared)
            is Mistake.WrongContrasts -> listOf(it.inputs)
            is Mistake.NoTokens -> listOf(it.text)
            is Mistake.NoModel, is Mistake.NoSuchHook -> emptyList()
        }

    private fun range(it: Mistake.RangeMistake): List<String> =
        when (it) {
            is Mistake.NoSuchLayer -> listOf("${it.layer}")
            is Mistake.NoSuchHead -> listOf("${it.head}")
            is Mistake.NoSuchNeuron -> listOf("${it.neuron}")
            is Mistake.NoSuchPosition -> listOf("${it.position}")
            is Mistake.NothingWatched, is Mistake.NoSuchPatch, is Mistake.TooManyNumbers -> emptyList()
        }

    private fun prompt(it: Mistake.PromptMistake): List<String> =
        when (it) {
            is Mistake.NotOneToken -> listOf(it.text)
            is ChatMistake -> listOf("chat")
            is Mistake.TokenBeyondModel -> listOf(it.text)
            is Mistake.SameAnswer -> listOf(it.answer)
            is Mistake.PromptTooLong -> listOf(it.prompt)
            is Mistake.Brackets -> listOf(it.prompt)
            is Mistake.Masks -> listOf(it.prompt)
            is Mistake.ShortPrompt -> listOf(it.metric)
            is Mistake.NoWordMarked -> listOf(it.prompt)
            is Mistake.EmptyPrompt, is Mistake.EmptyContrasts, is Mistake.Lacking -> emptyList()
        }

    private fun output(it: Mistake.ClassMistake): List<String> =
        when (it) {
            is Mistake.NoSuchClass -> listOf(it.text)
            is Mistake.SeveralClasses -> listOf(it.text)
            is Mistake.OneClass -> listOf(it.neededBy)
            is Mistake.NoClasses -> listOf(it.text)
            is Mistake.NoNextTokens -> emptyList()
        }

    private fun image(it: Mistake.ImageMistake): List<String> =
        when (it) {
            is Mistake.ImageUnusable, is Mistake.NoImages, is Mistake.NoGrid -> emptyList()
        }

    private fun file(it: Mistake.FileMistake): List<String> =
        when (it) {
            is Mistake.FileMissing -> listOf(it.path, it.path.substringAfterLast('/'))
            is Mistake.FileMalformed -> listOf(it.path, it.path.substringAfterLast('/'))
            is Mistake.FileField -> listOf(it.path, it.path.substringAfterLast('/'))
        }

    private fun intervention(it: Mistake.InterventionMistake): List<String> =
        when (it) {
            is Mistake.LengthsDiffer -> listOf("positions")
            is Mistake.SpanAbsent -> listOf(it.span)
            is Mistake.PatchLengths, is Mistake.NoDonor, is Mistake.BaseConflict -> emptyList()
            is Mistake.MeanOverLengths -> averaged(it.of)
            is Mistake.MeanOverQueries -> listOf("mean")
            is Mistake.SameRun, is Mistake.NoEdit -> emptyList()
            is EditMistake.NoHeads -> listOf("head(${it.head})")
            is EditMistake.MeanOfOtherLength -> averaged(it.of)
            is EditMistake -> emptyList()
            is EdgeMistake.MalformedEdge -> listOf(it.edge)
            is EdgeMistake.BackwardEdge -> listOf(it.edge)
            is EdgeMistake.NoSuchEdge -> listOf(it.edge)
            is EdgeMistake.CircuitSize -> listOf("${it.size}")
            is EdgeMistake.NoSuchEnd -> listOf(it.end)
            is PathMistake.ShortPath -> listOf(it.path)
            is PathMistake.MalformedPath -> listOf(it.part, it.path)
            is PathMistake.PathInPath -> listOf(it.path)
            is EdgeMistake -> emptyList()
            is LikelihoodMistake -> listOf(it.metric)
            is TextMistake.TooLong -> listOf("${it.tokens}")
            is TextMistake -> emptyList()
            is FeatureMistake.NoSuchFeature -> listOf("${it.feature}")
            is FeatureMistake.Unusable -> listOf(it.ref)
            is FeatureMistake.NoSite -> listOf(it.ref)
            is FeatureMistake.OtherSize -> listOf(it.ref)
            is FeatureMistake.TranscoderEdit -> emptyList()
            is FeatureMistake.OtherOutput -> listOf(it.ref)
            is FeatureMistake.NoGraph -> listOf("attributionGraph")
            is FeatureMistake.NoTranscoders -> listOf(it.ref)
            is FeatureMistake.NotATranscoder -> listOf(it.ref)
            is FeatureMistake.OtherPlaces -> listOf(it.ref)
            is FeatureMistake.TwoOfLayer -> listOf(it.second)
            is FeatureMistake.MissingLayers -> listOf(it.ref)
            is FeatureMistake.Rescales -> listOf(it.ref)
        }

    /** Returns the word of a replacement that averages by position or draws, such as `a mean of attention`. */
    private fun averaged(of: String): List<String> =
        listOf("positionMean", "mean", "resample").filter { it in of }.take(1)

    private fun declaration(it: Mistake.DeclarationMistake): List<String> =
        when (it) {
            is Mistake.SameName -> listOf(it.name)
            is EstimateMistake.NoGradient -> listOf(it.metric)
            is EstimateMistake.FlatMetric -> listOf(it.metric)
            is EstimateMistake.NoSign -> listOf("consistent", "select", "difference", "dropped")
            is EstimateMistake.ExactOfExact -> listOf("exact")
            is EstimateMistake.PathLengths -> listOf("integratedGradients")
            is DirectionMistake.OneClass -> listOf("first")
            is DirectionMistake -> listOf("direction", "probe", "distributedAlignmentSearch")
            is Mistake.BadValue -> listOf(it.found, it.name)
            is Mistake.NotOneGrid, is Mistake.EmptyAxis, is Mistake.CodeFailed -> emptyList()
        }

    private fun setting(it: Mistake.SettingMistake): List<String> =
        when (it) {
            is Mistake.SettingType -> listOf(it.name)
            is Mistake.MalformedSetting, is Mistake.DuplicateSetting, is Mistake.UnknownSetting -> emptyList()
        }
}
