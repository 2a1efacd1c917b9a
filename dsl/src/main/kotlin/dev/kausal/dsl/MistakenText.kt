package dev.kausal.dsl

/** What a mistake's author wrote, to find it in the script's line; the most telling first. */
internal object MistakenText {
    fun of(mistake: Mistake): List<String> = number(mistake)?.let { listOf("$it") } ?: text(mistake)

    private fun number(it: Mistake): Int? =
        when (it) {
            is Mistake.NoSuchLayer -> it.layer
            is Mistake.NoSuchHead -> it.head
            is Mistake.NoSuchNeuron -> it.neuron
            is Mistake.NoSuchPosition -> it.position
            else -> null
        }

    private fun text(it: Mistake): List<String> =
        when (it) {
            is Mistake.TwoModels -> listOf(it.second)
            is Mistake.WrongKind -> listOf(it.declared)
            is Mistake.WrongContrasts -> listOf(it.inputs)
            is Mistake.NotOneToken -> listOf(it.text)
            is Mistake.TokenBeyondModel -> listOf(it.text)
            is Mistake.SeveralClasses -> listOf(it.text)
            is Mistake.OneClass -> listOf(it.neededBy)
            is Mistake.NoSuchClass -> listOf(it.text)
            is Mistake.NoClasses -> listOf(it.text)
            is Mistake.SameAnswer -> listOf(it.answer)
            is Mistake.Masks -> listOf(it.prompt)
            is Mistake.NoWordMarked -> listOf(it.prompt)
            is Mistake.Brackets -> listOf(it.prompt)
            is Mistake.PromptTooLong -> listOf(it.prompt)
            is Mistake.FileMissing -> listOf(it.path, it.path.substringAfterLast('/'))
            is Mistake.FileMalformed -> listOf(it.path, it.path.substringAfterLast('/'))
            is Mistake.FileField -> listOf(it.path, it.path.substringAfterLast('/'))
            is Mistake.LengthsDiffer -> listOf("positions")
            is Mistake.SpanAbsent -> listOf(it.span)
            is Mistake.SameName -> listOf(it.name)
            is Mistake.SettingType -> listOf(it.name)
            is Mistake.BadValue -> listOf(it.found, it.name)
            else -> emptyList()
        }
}
