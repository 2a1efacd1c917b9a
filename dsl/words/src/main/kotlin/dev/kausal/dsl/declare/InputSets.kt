package dev.kausal.dsl.declare

import dev.kausal.dsl.Capability
import dev.kausal.dsl.Contrasts
import dev.kausal.dsl.Filter
import dev.kausal.dsl.Inputs
import dev.kausal.dsl.host.ScriptLines

/** Names the sets of a script and records them. */
internal class InputSets(
    private val recorder: Recorder,
) {
    fun <M : Capability> contrasts(
        kind: Class<*>,
        items: List<InputItem>,
    ): Contrasts<M> = recorded(Contrasts(next("contrasts"), kind, items.toList(), ScriptLines.line()))

    /** What is left of [parent] by [filter], or of a draw of [sample] from it. */
    fun <M : Capability> derived(
        parent: Contrasts<M>,
        filter: Filter?,
        sample: Int?,
    ): Contrasts<M> {
        val name = next("contrasts")
        return recorded(Contrasts(name, parent.kind, parent.items, ScriptLines.line(), filter, sample, parent))
    }

    /** What is left of [parent] by [filter]. */
    fun <M : Capability> derived(
        parent: Inputs<M>,
        filter: Filter,
    ): Inputs<M> {
        val name = next(parent.name.substringBefore('-'))
        return recorded(Inputs(name, parent.kind, parent.items, ScriptLines.line(), filter, parent))
    }

    fun <M : Capability> prompts(
        kind: Class<*>,
        items: List<InputItem>,
    ): Inputs<M> = recorded(Inputs(next("prompts"), kind, items.toList(), ScriptLines.line()))

    fun <M : Capability> images(
        kind: Class<*>,
        items: List<InputItem>,
    ): Inputs<M> = recorded(Inputs(next("images"), kind, items.toList(), ScriptLines.line()))

    private fun next(word: String): String {
        val before = recorder.inputs.count { it.name == word || it.name.startsWith("$word-") }
        return if (before == 0) word else "$word-${before + 1}"
    }

    private fun <I : Inputs<*>> recorded(inputs: I): I = recorder.noted(inputs).also { recorder.inputs += it }
}
